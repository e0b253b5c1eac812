"""Files that mean no good, built by a script: `build` makes them, `pictures` and `films` say what each is."""
