"""One folder per channel and what they share. Knows nothing of the desk."""
