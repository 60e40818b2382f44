"""A throwaway Slack workspace on loopback, as strict as Slack, for the demo and the tests."""
