"""The connector of a marketplace that does not exist: the example of the guide for authors."""
