"""Amazon's selling API (SP-API), as far as a desk for customers' messages needs it."""
