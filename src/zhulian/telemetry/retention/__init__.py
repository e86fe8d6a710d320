"""How long readings and their sums are kept, and readings deleted on demand: applied to the store while it is fed.

Who decides is none of this room's business: the portal hands in plain values over the loopback.
"""
