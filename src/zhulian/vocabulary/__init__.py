"""Words that every room shares: pure values, no input or output, no framework."""
