"""The gateways' identity lane: who a gateway is, a token for it, what it shall read. Paths in ``wire.lane``."""
