"""CSV and Parquet files of past readings: any layout, bounded memory, in by the journal like any batch."""
