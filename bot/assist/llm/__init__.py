"""What a language model is asked, and what becomes of its answer. Pure: no network, no clock, no secret."""
