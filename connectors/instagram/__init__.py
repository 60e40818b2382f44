"""Instagram: direct messages, story answers and mentions, comments."""
