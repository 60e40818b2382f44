"""The files that run the desk for good name commands, folders and times that exist."""

import re
import shutil
import subprocess
import tomllib

import pytest
import yaml

from bot.cli.run import HARD_STOP
from bot.process_role import Role
from bot.settings import Environment
from tests.conftest import ROOT

DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def keys_of(unit):
    return re.findall(r"^([A-Z]\w+)=(.*)$", unit.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_waits_longer_than_the_desk_takes_and_can_reload_it(unit):
    said = dict(keys_of(unit))

    assert float(said["TimeoutStopSec"].rstrip("s")) > HARD_STOP
    assert said["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert said["Restart"] == "always"
    assert said["UMask"] == "0077"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_every_line(unit, tmp_path):
    copy = tmp_path / unit.name.replace("@", "@worker-1")
    text = unit.read_text("utf-8").replace("/srv/threadline/.venv/bin/threadline", "/bin/true")
    copy.write_text(text, "utf-8")

    said = subprocess.run(
        ["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False
    )

    assert copy.name not in said.stderr, said.stderr


@pytest.mark.parametrize(("instance", "role"), [("worker", "worker"), ("slack-2", "slack")])
def test_the_role_of_an_instance_is_what_stands_before_the_dash(instance, role):
    start = dict(keys_of(DEPLOY / "threadline@.service"))["ExecStart"]
    script = start.removeprefix("/bin/sh -c '").removesuffix("'")
    # What systemd does: the instance's name, then doubled signs.
    script = script.replace("%i", instance).replace("%%", "%").replace("$$", "$")

    said = subprocess.run(
        ["/bin/sh", "-c", script.replace("exec /srv/threadline/.venv/bin/threadline", "echo")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split() == ["run", role]


def test_the_compose_file_runs_roles_that_exist_and_waits_long_enough():
    services = COMPOSE["services"]
    commands = {name: each["command"] for name, each in services.items() if "command" in each}

    assert commands.pop("migrate") == ["migrate"]
    assert {tuple(each) for each in commands.values()} == {
        ("run", role) for role in Role if role is not Role.ALL
    }
    for name in commands:
        assert float(services[name]["stop_grace_period"].rstrip("s")) > HARD_STOP
        assert (
            services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        )


def test_the_variables_of_the_containers_are_ones_the_desk_reads():
    ours = {"DATABASE_URL", "THREADLINE_CONFIG", "PORT", "THREADLINE_HTTP_HOST"}
    named = set().union(*(each.get("environment", {}) for each in COMPOSE["services"].values()))

    assert {name for name in named if not name.startswith("POSTGRES_")} == ours
    assert {"database_url", "http_port", "http_host"} <= set(Environment.model_fields)


def test_the_image_gets_every_package_and_nothing_that_is_not_there():
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        for source in line.split()[:-1]
    }
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    included = packages["tool"]["setuptools"]["packages"]["find"]["include"]
    let_in = re.findall(
        r"^!(.*)$", (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8"), re.MULTILINE
    )

    assert all((ROOT / each).exists() for each in copied)
    assert {each.rstrip("*") for each in included} <= copied
    assert "migrations" in copied
    assert copied == set(let_in)
