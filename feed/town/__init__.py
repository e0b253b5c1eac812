"""A simulated town: people of different tastes, what they publish, and what they watched, fast and the same
for a seed. `people.py` is who they are and what they truly like, `fill.py` their rows."""
