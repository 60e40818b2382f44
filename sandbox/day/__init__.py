"""A working day of a support team, played against the real desk: arrivals, people, a table."""
