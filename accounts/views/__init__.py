"""Pages of this room, by what a person wants: join, prove it is them, set things up, meet people, decide
cases.
"""
