"""What a fresh house shows: eight drawn characters with owners, forty clips, and an audience with tastes.

`programme.py` is the list, `make.py` renders it once with the native engine (the results are committed under
`clips/`), `load.py` brings it into a host: there every clip is marked, sealed and signed with the host's
own key.
Nobody real is shown, and the loader verifies nobody.
"""
