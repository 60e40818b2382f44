"""The desk: state, use cases, outbox, Slack, jobs, and the processes that run them."""
