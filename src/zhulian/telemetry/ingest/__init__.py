"""The gateway lane of the telemetry process: batches in, exactly once; status and replies in; asks out."""
