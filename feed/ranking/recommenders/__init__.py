"""Recommenders: each learns from a log and scores every item for people; `blend.py` decides what each counts.

To add one: a file with a class of the shape of `base.Recommender`, a line in `blend.MEMBERS`, a test.
"""
