"""What Amazon demands of whoever keeps data of its selling API."""

from typing import Final

from connectors.data_rules import DataRules

DATA_RULES: Final = DataRules(
    origin="selling_partner",
    days=30,
    slack_body="redacted",
    source="Amazon's Data Protection Policy, read second-hand in 2026: 30 days after delivery",
)
