"""What was done, by whom, and who looked: an append-only trail in which every entry is chained to the one before."""
