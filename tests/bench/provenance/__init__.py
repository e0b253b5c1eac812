"""What `make bench-provenance` measures, one module a subject.

A module here that has a `main` is a part: `python -m tests.bench.provenance.<module>` measures and prints one
JSON object, figure to value, as its last line. Modules whose name begins with an underscore are no parts.
"""
