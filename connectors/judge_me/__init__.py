"""Judge.me: reviews of a shop and of its products, answered in public or by e-mail."""
