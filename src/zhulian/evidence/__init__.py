"""Facts with provenance: what is known, who measured, proved or stated it, and how long it holds."""
