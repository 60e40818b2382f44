"""The contract suite: what every connector has to keep, as tests its author gets for a few lines."""
