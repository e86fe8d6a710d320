"""The chain from a gateway's request to the rollups, to be killed, cut and starved: what crash, disk and soak share."""
