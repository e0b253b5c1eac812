"""Who may do what at the addresses that config serves itself."""

from tests.matrix.grammar import DONE, HIDDEN, OK, Declaration, api, everyone, only, page

DECLARATIONS: list[Declaration] = [
    page("healthz", everyone(OK)),
    page("readyz", everyone(OK)),
    page("metrics", everyone(OK), note="from this machine; others in tests/config/test_watching.py"),
    page(
        "first-run", everyone(HIDDEN), note="there is an operator; the rest in tests/config/test_first_run.py"
    ),
    page("first-run", everyone(HIDDEN), method="POST"),
    page("operate", only("operator")),
    api("api-schema", everyone(OK)),
    page("set_language", everyone(DONE), method="POST", send=lambda w: {"language": "zh-hans"}),
]
