"""Octopia: discussions with customers of Cdiscount and of Octopia's other sales channels."""
