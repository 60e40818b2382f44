"""What every table shares: the metadata with its names for keys, and columns of one meaning."""

from sqlalchemy import BigInteger, Column, ForeignKey, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def own_id() -> Column[int]:
    """The key of a row: 64-bit and time-ordered, assigned by us (`bot.db.ids`)."""
    return Column("id", BigInteger, primary_key=True, autoincrement=False)


def ref(table: str, name: str | None = None, *, nullable: bool = False) -> Column[int]:
    """A column that points to a row of `table`, `<table>_id` unless named otherwise."""
    return Column(name or f"{table}_id", BigInteger, ForeignKey(f"{table}.id"), nullable=nullable)
