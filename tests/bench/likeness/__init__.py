"""What `make bench-likeness` measures, one module a subject.

A module here that has a `main` is a part: `python -m tests.bench.likeness.<module>` measures and prints one
JSON object, figure to value, as its last line. Each runs in a process of its own with a database and a folder
of its own, and can be run alone. Modules whose name begins with an underscore are no parts.
"""
