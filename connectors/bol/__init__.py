"""bol: customers who write through its relay, and notifications of questions in its portal."""
