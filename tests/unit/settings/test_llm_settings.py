"""`[llm]`, what inboxes say about it, and the file of what goes with what."""

import re
from pathlib import Path

import pytest

from bot.configuration.companions import Companion
from bot.configuration.llm import helped_inboxes
from bot.llm_settings import is_near
from bot.runtime.language_model import access_of
from tests.unit.settings.files import AGENT, CALENDAR, DESK, GOOD, SECRETS, inbox, loaded, problems

LLM = '\n[llm]\nurl = "http://127.0.0.1:11434/v1/"\nmodel = "tiny-1"\n'
KEY = {**SECRETS, "LLM_KEY": "sk-canary-1"}


def a_file(shop: str = "", amazon: str = "", llm: str = LLM) -> str:
    own = inbox(extra=shop)
    market = inbox(name="amazon-it", connector="amazon", extra=amazon).replace(
        "info@shop", "amazon@shop"
    )
    return DESK + llm + AGENT + CALENDAR + own + market


def test_without_a_table_no_model_is_asked(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, GOOD)

    assert configuration.settings.llm is None
    assert helped_inboxes(configuration.settings) == frozenset()
    assert configuration.llm_key is None


def test_a_table_alone_switches_nothing_on_and_says_so(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, a_file())

    assert helped_inboxes(configuration.settings) == frozenset()
    assert any("no inbox has llm = true" in one for one in configuration.warnings)


def test_one_inbox_is_switched_on(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, a_file(shop="llm = true"))

    llm = configuration.settings.llm
    assert llm is not None
    assert llm.url == "http://127.0.0.1:11434/v1"
    assert helped_inboxes(configuration.settings) == {"shop"}
    assert not any("leave your network" in one for one in configuration.warnings)


def test_where_words_leave_the_network_the_owner_is_told(tmp_path: Path) -> None:
    llm = (
        LLM.replace("http://127.0.0.1:11434", "https://api.models.example")
        + 'api_key = "env:LLM_KEY"\n'
    )

    configuration = loaded(tmp_path, a_file(shop="llm = true", llm=llm), KEY)

    assert any("words of the customers of shop leave" in one for one in configuration.warnings)
    assert configuration.llm_key is not None
    assert configuration.llm_key.get_secret_value() == "sk-canary-1"
    assert "canary" not in repr(configuration)


@pytest.mark.parametrize(
    ("amazon", "llm", "line"),
    [
        ("", LLM + "every_inbox = true\n", "[[inboxes]]"),
        ("llm = true", LLM, "llm = true"),
        ("llm_gets_amazon_data = true", LLM + "every_inbox = true\n", "[[inboxes]]"),
    ],
)
def test_amazons_customers_are_not_told_of_by_default_or_by_half(
    tmp_path: Path, amazon: str, llm: str, line: str
) -> None:
    text = a_file(amazon=amazon, llm=llm)

    (told,) = problems(tmp_path, text)

    assert told.startswith("threadline.toml:")
    assert 'inboxes "amazon-it" → llm:' in told
    assert "Amazon's data rules" in told
    assert "llm_gets_amazon_data = true" in told
    at = int(told.split(":")[1])
    assert text.splitlines()[at - 1].startswith(line)


@pytest.mark.parametrize("amazon", ["llm = false", "llm = true\nllm_gets_amazon_data = true"])
def test_an_amazon_inbox_that_says_which_is_taken_at_its_word(tmp_path: Path, amazon: str) -> None:
    configuration = loaded(tmp_path, a_file(amazon=amazon, llm=LLM + "every_inbox = true\n"))

    helped = helped_inboxes(configuration.settings)
    assert helped == ({"shop"} if "false" in amazon else {"shop", "amazon-it"})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("http://127.0.0.1:11434", "http://models.example"), "llm → url: .* without https"),
        (("http://127.0.0.1:11434", "https://me:pw@models.example"), "belongs into api_key"),
        (("http://127.0.0.1:11434/v1/", "models"), "is no full address"),
        (('model = "tiny-1"', ""), r"llm → model: is missing\. Write the model's name"),
        (('model = "tiny-1"', 'model = "x"\ntokens_per_day = 5'), "tokens_per_day: 5 "),
        (('model = "tiny-1"', 'model = "x"\nhelp = ["send"]'), "llm → help"),
        (('model = "tiny-1"', 'model = "x"\napi_key = "sk-canary"'), "may not stand in the file"),
        (('model = "tiny-1"', 'model = "x"\napi_key = "env:NOPE"'), "NOPE is not set"),
        (('model = "tiny-1"', 'model = "x"\ntemprature = 1'), "unknown key"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_line_key_and_remedy(
    tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    found = problems(tmp_path, a_file(llm=LLM.replace(*change)))

    assert len(found) == 1
    assert found[0].startswith("threadline.toml:")

    assert re.search(told, found[0])
    assert "canary" not in found[0]
    assert "pw@" not in found[0]


@pytest.mark.parametrize(
    ("shop", "llm", "told"),
    [
        ("llm = true", "", "asks for a model that the file does not name"),
        ("llm = true\nllm_gets_amazon_data = true", LLM, "is only for channels of Amazon"),
    ],
)
def test_an_inbox_that_asks_for_what_is_not_there_is_refused(
    tmp_path: Path, shop: str, llm: str, told: str
) -> None:
    (found,) = problems(tmp_path, a_file(shop=shop, llm=llm))

    assert told in found


def test_what_the_provider_is_asked_with_is_what_the_file_says(tmp_path: Path) -> None:
    llm = f'{LLM}requests_per_day = 7\ntimeout_seconds = 9\nlimit_key = "max_completion_tokens"\n'

    access = access_of(loaded(tmp_path, a_file(shop="llm = true", llm=llm)))

    assert access is not None
    assert (access.url, access.model) == ("http://127.0.0.1:11434/v1", "tiny-1")
    assert (access.limits.requests, access.patience.total_seconds()) == (7, 9)
    assert access.limit_key == "max_completion_tokens"
    assert access_of(loaded(tmp_path, a_file(llm=llm))) is None


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://localhost/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://192.168.1.5/v1", True),
        ("http://gpu.local/v1", True),
        ("https://api.models.example/v1", False),
        ("https://8.8.8.8/v1", False),
        ("https://local.models.example/v1", False),
    ],
)
def test_what_stays_in_ones_own_network_is_known(url: str, near: bool) -> None:
    assert is_near(url) is near


COMPANIONS = """\
[[companions]]
sku = "KB-100"
companion = "wrist rest"
sentence = "Most who type much are glad of it."

[[companions]]
title = "desk lamp"
companion = "BULB-7"
sentence = "The bulb is not in the box."
"""
WITH_FILE = GOOD.replace("[desk]\n", '[desk]\ncompanions_file = "pairs.toml"\n')


def test_what_goes_with_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "pairs.toml").write_text(COMPANIONS, encoding="utf-8")

    first, second = loaded(tmp_path, WITH_FILE).companions

    assert first == Companion(
        sku="KB-100", companion="wrist rest", sentence="Most who type much are glad of it."
    )
    assert second.title == "desk lamp"


@pytest.mark.parametrize(
    ("written", "by", "told"),
    [
        (None, "", 'companions_file: "pairs.toml" is no file beside this one'),
        ('sku = "KB-100"\n', "", "pairs.toml:1: companions no. 1: has neither sku nor title. Write one"),
        ('sku = "KB', 'title = "x"\nsku = "KB', "has both sku and title"),
        ('companion = "wrist rest"\n', "", "pairs.toml:1: companions no. 1 → companion: is missing"),
        ('companion = "wrist', 'compagnon = "wrist', "compagnon: unknown key"),
        ('sentence = "Most who type much are glad of it."', 'sentence = ""', "pairs.toml:4: "),
        ("[[companions]]", "[[companions", "pairs.toml"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_has_its_line_and_remedy(
    tmp_path: Path, written: str | None, by: str, told: str
) -> None:
    if written is not None:
        text = COMPANIONS.replace(written, by, 1)
        (tmp_path / "pairs.toml").write_text(text, encoding="utf-8")

    assert told in "\n".join(problems(tmp_path, WITH_FILE))
