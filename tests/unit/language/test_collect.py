"""What the code says gets into the catalogues, and nothing else stays in them."""

from pathlib import Path

from babel.messages.catalog import Catalog

from bot.language import Language
from bot.language.collect import extracted, in_step, written

CODE = """
from bot.language import marked, tr, tr_as, tr_many, tr_parts

_WORDS = {1: marked("the customer")}

# For translators: a button.
tr("Claim")
tr("{who} has "
   "it", who=1)
tr_many("{count} order", "{count} orders", 2)
tr_as("of a ticket", "open")
tr_parts("until {end}", end=1)
tr(_WORDS[1])
print("no text of ours")
"""


def the_code(folder: Path) -> Catalog:
    (folder / "words.py").write_text(CODE, encoding="utf-8")
    return extracted(folder)


def keys(found: Catalog) -> set[tuple[str, str | None]]:
    return {
        (message.id if isinstance(message.id, str) else message.id[0], message.context)
        for message in found
        if message.id
    }


def test_every_way_of_saying_a_text_is_found(tmp_path: Path) -> None:
    assert keys(the_code(tmp_path)) == {
        ("the customer", None),
        ("Claim", None),
        ("{who} has it", None),
        ("{count} order", None),
        ("open", "of a ticket"),
        ("until {end}", None),
    }


def test_what_translators_are_told_comes_along(tmp_path: Path) -> None:
    found = the_code(tmp_path).get("Claim")

    assert found is not None
    assert found.auto_comments == ["For translators: a button."]


def test_a_catalogue_in_step_keeps_what_is_translated_and_drops_what_is_gone(
    tmp_path: Path,
) -> None:
    code = the_code(tmp_path)
    known = Catalog(locale="it", charset="utf-8", fuzzy=False)
    known.add("Claim", "Prendi")
    known.add("Gone", "Andato")
    (tmp_path / "it.po").write_bytes(written(known))

    found = in_step(Language.IT, folder=tmp_path, texts=code)

    assert keys(found) == keys(code)
    claim, new = found.get("Claim"), found.get("until {end}")
    assert claim is not None
    assert new is not None
    assert claim.string == "Prendi"
    assert not new.string


def test_a_catalogue_that_is_in_step_is_written_as_it_is(tmp_path: Path) -> None:
    code, path = the_code(tmp_path), tmp_path / "de.po"
    path.write_bytes(written(in_step(Language.DE, folder=tmp_path, texts=code)))
    before = path.read_bytes()

    path.write_bytes(written(in_step(Language.DE, folder=tmp_path, texts=code)))

    assert path.read_bytes() == before
    assert b"POT-Creation-Date" not in before
