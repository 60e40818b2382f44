"""Google Business Profile: reviews of a business's locations, and its public answers."""
