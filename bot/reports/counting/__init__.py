"""How the figures of a report are counted: columns of tickets and waits, and what is made of them."""
