"""What is sold before it is made: made to order, preorder, group buy, concept (`docs/algorithms/offers.md`).

`states` draws the arrows, `gates` says what may open, `standing` answers questions of other rooms,
`pledging` is the buyer's side, `making` the shop's, and `course` moves everything on when its time is over.
"""
