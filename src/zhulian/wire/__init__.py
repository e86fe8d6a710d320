"""What crosses machines: the batch, the gateway lane, the desired configuration, credentials."""
