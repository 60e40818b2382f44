"""The skeleton of a new connector, its fake platform, and tests that fail until it is one."""
