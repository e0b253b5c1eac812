"""Who may do what at the addresses that config serves itself."""

from tests.matrix.grammar import OK, Declaration, api, everyone, page

DECLARATIONS: list[Declaration] = [
    page("healthz", everyone(OK)),
    page("readyz", everyone(OK)),
    api("api-schema", everyone(OK)),
]
