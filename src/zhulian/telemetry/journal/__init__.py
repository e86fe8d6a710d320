"""Acknowledged batches on their way to the store: an append-only log, on disk before anybody is told "received"."""
