"""The cutting room: from films that people filmed themselves to one short clip. Knows numbers and pictures,
no rows and no people's names.

    looking   what a film is like, picture by picture (small)       -> Seen
    shots     where one shot ends and the next begins               -> spans of pictures
    choosing  which moments are worth keeping, how long, in what order, on which beat -> Segment
    framing   where the picture is cut to another shape, and how it is held still -> Path
    colour    what brings shots of several cameras together          -> Look-up of three curves
    joining   the pictures and the sound of what was chosen
"""
