"""The parts of `make bench-shop`, one a file; each gives its figures by name."""
