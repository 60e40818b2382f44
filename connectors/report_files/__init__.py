"""A seller's own report files, read: one module a format, bytes in, readings out. Pure."""
