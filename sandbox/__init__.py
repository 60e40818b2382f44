"""A local Slack-compatible workspace and scripted marketplaces: the demo, and the test double."""
