"""Any marketplace that only notifies by mail and is answered in its own portal."""
