"""The store over HTTP on loopback: what ClickHouse's own clients speak, and live values as JSON beside it."""
