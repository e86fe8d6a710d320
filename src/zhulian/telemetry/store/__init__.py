"""What machines said, kept for years: one schema, two engines (embedded chDB, or ClickHouse over HTTP)."""
