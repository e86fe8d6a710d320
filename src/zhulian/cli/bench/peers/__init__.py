"""Independent counterparts for benches and tests: our own sources around other people's libraries."""
