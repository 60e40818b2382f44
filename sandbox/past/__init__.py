"""A believable past of the seller in the story: rows as the desk would have written them."""
