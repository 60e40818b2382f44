"""An Amazon seller's account: public feedback, and how Amazon judges the seller."""
