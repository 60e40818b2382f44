"""The database as a file to keep: copies of it, putting one back, and moving to another database."""
