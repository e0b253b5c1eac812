"""Ranking: sources -> features -> ranker -> slate, and explain.

Everything here takes rows, never querysets, so that the live feed and a log from a file go through the same
code.
`live.py` is the one file that reads the database. docs/algorithms/ranking.md is this folder's page.
"""
