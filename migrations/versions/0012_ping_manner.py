"""How a ping speaks, how each person wants to be called, storms, and digests that were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Every ping planned before mentions and falls silent as it always did."""
    op.add_column(
        "ping", sa.Column("mention", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column(
        "ping",
        sa.Column("until", sa.String(12), nullable=False, server_default="acknowledged"),
    )
    op.create_table(
        "preference",
        sa.Column("slack_id", sa.String(32), nullable=False),
        sa.Column("quiet", sa.String(11)),
        sa.Column("pings", sa.String(8)),
        sa.Column("changed_at", _WHEN, nullable=False),
        sa.PrimaryKeyConstraint("slack_id", name=op.f("pk_preference")),
    )
    op.create_table(
        "surge",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("mode", sa.String(8)),
        sa.Column("since", _WHEN),
        sa.Column("calm_since", _WHEN),
        sa.Column("ts", sa.String(32)),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_surge")),
    )
    op.create_table(
        "digest",
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("place", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("decided_at", _WHEN, nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "place", "day", name=op.f("pk_digest")),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("digest", "surge", "preference"):
        op.drop_table(name)
    with op.batch_alter_table("ping") as table:
        table.drop_column("until")
        table.drop_column("mention")
