"""What a customer's message means, read from its words alone: no network, no clock, no storage."""
