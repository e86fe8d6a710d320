"""What could not be stored, kept where people see it: why, from whom, when; to download, send again or discard."""
