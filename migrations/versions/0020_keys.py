"""The wrapped keys that customers' words are sealed with."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; what runs meanwhile does not know it and goes on writing plainly."""
    op.create_table(
        "data_key",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("kid", sa.String(8), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_data_key_kid")),
    )


def downgrade() -> None:
    """Drop it, unless something is sealed: without its keys no word would ever open again."""
    connection = op.get_bind()
    if connection.scalar(sa.text("SELECT count(*) FROM data_key")):
        message = "values are sealed under keys of this database: the table of keys stays"
        raise RuntimeError(message)
    op.drop_table("data_key")
