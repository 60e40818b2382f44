"""The story the demo plays: customers who write, agents who answer, a deadline that is missed."""
