"""Who may do what at the addresses of generation (the words are explained in tests/matrix/grammar.py)."""

from tests.matrix.grammar import Declaration

DECLARATIONS: list[Declaration] = []
