"""留存: how long readings and sums are kept, for whom; readings deleted on demand. Telemetry does the work."""
