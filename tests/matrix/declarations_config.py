"""Who may do what at the addresses that config serves itself."""

from tests.matrix.grammar import DONE, OK, Declaration, api, everyone, page

DECLARATIONS: list[Declaration] = [
    page("healthz", everyone(OK)),
    page("readyz", everyone(OK)),
    page("metrics", everyone(OK), note="from this machine; others in tests/config/test_watching.py"),
    api("api-schema", everyone(OK)),
    page("set_language", everyone(DONE), method="POST", send=lambda w: {"language": "zh-hans"}),
]
