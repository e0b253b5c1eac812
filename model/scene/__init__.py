"""The scene alphabet: what a clip is made of, the world that teaches it and the hand that draws it."""
