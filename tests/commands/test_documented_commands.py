"""What the documents tell people to type and to copy: understood, and run where it can run here."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command, get_commands, load_command_class

from sessions_app.embedded.__main__ import main as embedded_by_hand
from tests import factories
from tests.commands import commands_page
from tests.running import ROOT, work_log

OPERATIONS = ROOT / "docs" / "operations"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Each of these runs until it is stopped, or changes more than a test may.
NOT_RUN = {
    "serve": "tests/commands/test_serve.py starts it",
    "demo": "tests/commands/test_demo.py starts it",
    "worker": "tests/commands/test_worker.py starts it",
    "create_roles": "wants a PostgreSQL of one's own; tests/embedded/test_embedded_roles.py makes roles",
    "makemigrations": "writes into the checkout; tests/migrations and .ci/run look whether one is missing",
    "restore /srv/backups/leftoff-20261126-030000.zip": "tests/commands/test_backup.py restores",
}
# Commands of other programs, by how they begin.
ELSEWHERE = {
    "python3 -m venv": ".ci/run runs the two lines of the README",
    "/opt/leftoff/.venv/bin/pip": "the same on another machine",
    ".venv/bin/pip": ".ci/run runs the two lines of the README",
    ".venv/bin/pytest": "that is what runs here",
    ".venv/bin/ruff": ".ci/run runs it",
    ".venv/bin/mypy": ".ci/run runs it",
    ".venv/bin/lint-imports": ".ci/run runs it",
    ".ci/run": "runs all tests, this one too",
    ".venv/bin/python -m tests.e2e.tour": "takes minutes, and writes into the checkout",
    ".venv/bin/python -m tests.commands.commands_page": "its page is compared below",
    ".venv/bin/python -m tests.supply": "tests/supply compares what it writes",
    "npm --prefix": "wants the network, as does its peer",
    "uv pip compile": "wants the network; tests/test_project_files.py compares the lock files",
    "adduser": "changes the machine",
    "git": "wants a repository elsewhere",
    "install": "changes the machine",
    "cp": "changes the machine",
    "systemctl": "changes the machine",
    "journalctl": "wants the service to run",
    "psql": "is no program of ours",
    "pg_basebackup": "tests/faults/replica_server.py runs it",
    "export": "its names are compared with the table of settings below",
}
DECISION = "# Use oil\n\n* Status: accepted\n\n## Context and Problem Statement\n\nGas or oil?\n"


def blocks(language: str) -> Iterator[tuple[Path, str]]:
    for document in DOCUMENTS:
        for block in re.findall(
            rf"^```{language}\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL
        ):
            yield document, block


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command of the documents: which document, and its words without settings before it."""
    for document, block in blocks("sh"):
        if document.parent.name in ("api", "deploy"):
            # Typed against a server by tests/api/test_documents.py; read by tests/deploy.
            continue
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            while words:
                end = words.index("&&") if "&&" in words else len(words)
                command, words = words[:end], words[end + 1 :]
                while re.match(r"[A-Z_]+=", command[0]):
                    command = command[1:]
                if command[0] == "systemd-run":
                    # One of ours, with the environment of a service.
                    command = command[command.index("manage.py") :]
                if command[:2] == [".venv/bin/python", "manage.py"]:
                    command = command[1:]
                yield str(document.relative_to(ROOT)), command


def begins(command: list[str], beginnings: dict[str, str]) -> bool:
    typed = " ".join(command) + " "
    return any(typed.startswith(f"{beginning} ") for beginning in beginnings)


def test_every_command_of_the_documents_is_run_or_known(
    scratch: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Each of ours is understood by its own parser, and run where it can run; any other is in a table."""
    factories.user("Ann")
    data_dir, settings.DATA_DIR = settings.DATA_DIR, tmp_path
    (tmp_path / "docs" / "adr").mkdir(parents=True)
    (tmp_path / "docs" / "adr" / "0001-use-oil.md").write_text(DECISION)
    work_log(tmp_path / "work.jsonl", 5)
    file = tmp_path / "srv" / "leftoff-20261126-030000.zip"
    file.parent.mkdir()
    call_command("backup", output=file, stdout=io.StringIO())
    here = {"/srv/backups": str(file.parent), "$DATA_DIR": str(data_dir)}
    monkeypatch.chdir(tmp_path)
    apps, seen = get_commands(), set()
    for document, command in commands():
        where = f"{document}: {shlex.join(command)}"
        local = [_with(here, word) for word in command]
        if command[0] == "manage.py":
            name, *arguments = local[1:]
            seen.add(name)
            load_command_class(apps[name], name).create_parser("manage.py", name).parse_args(arguments)
            if not begins(command[1:], NOT_RUN) or "--dry-run" in arguments:
                said = io.StringIO()
                call_command(name, *arguments, stdout=said, stderr=said)
                assert said.getvalue(), where
        elif command[:3] == ["python", "-m", "sessions_app.embedded"]:
            assert embedded_by_hand(local[3:]) == 0, where
        else:
            assert begins(command, ELSEWHERE), f"{where}: run it, or say in ELSEWHERE why not"
    assert {"backup", "import_project", "migrate", "restore", "serve", "worker"} <= seen


def _with(replacements: dict[str, str], word: str) -> str:
    for there, here in replacements.items():
        word = word.replace(there, here)
    return word


def test_every_command_that_is_named_in_a_sentence_is_there() -> None:
    for document in DOCUMENTS:
        for name in re.findall(r"manage\.py ([a-z_]+)", document.read_text()):
            assert name in get_commands(), f"{document}: manage.py {name}"


def test_the_table_of_commands_has_each_once() -> None:
    part = (ROOT / "README.md").read_text().partition("| command | what it does |\n")[2].partition("\n\n")[0]
    named = [name for row in part.splitlines()[1:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(named) == commands_page.names()


def test_every_block_is_a_shell_script() -> None:
    """An environment file too: systemd and a shell read it alike."""
    environments = [(document, block) for document, block in blocks("ini") if "[" not in block]
    assert environments
    for document, block in (*blocks("sh"), *environments):
        checked = subprocess.run(["sh", "-n"], input=block, capture_output=True, text=True)
        assert checked.returncode == 0, f"{document}: {block}\n{checked.stderr}"


def test_the_page_of_commands_says_what_the_commands_say() -> None:
    """Letters only: how lines are broken depends on the terminal and the version of Python."""
    written, now = ("".join(text.split()) for text in (commands_page.PAGE.read_text(), commands_page.page()))
    assert written == now, "make it anew: python -m tests.commands.commands_page"


def settings_table() -> set[str]:
    part = (ROOT / "README.md").read_text().partition("\n## Settings\n")[2].partition("\n## ")[0]
    return set(re.findall(r"`([A-Z_]+)`", "".join(re.findall(r"^\| (.*?) \|", part, re.MULTILINE))))


def test_every_setting_is_in_the_table_and_nothing_else() -> None:
    code = "".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    read = set(re.findall(r"""\benv(?:\.\w+)?\(\s*"([A-Z_]+)\"""", code))
    assert settings_table() == read | {"EMBEDDED_POSTGRES_BIN"}


def test_every_setting_that_a_document_sets_is_one() -> None:
    told = (*blocks("ini"), *blocks("sh"))
    # What the containers alone are told, tests/deploy/test_deploy_files.py compares.
    ini = "".join(block for document, block in told if document.parent.name != "deploy")
    named = set(re.findall(r"^(?:export )?([A-Z_]{3,})=", ini, re.MULTILINE))
    assert named - settings_table() == set()
    assert {"BASE_URL", "DATABASE_URL", "DATABASE_BACKUP_URL"} <= named


UNITS = sorted(path for path in OPERATIONS.iterdir() if path.suffix in (".service", ".timer"))
# What systemd 252 knows and a unit of ours has use for.
HARDENING = {
    *("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectSystem", "ProtectHome"),
    *("ProtectKernelTunables", "ProtectControlGroups", "RestrictSUIDSGID", "ReadWritePaths", "UMask"),
}
KEYS = {
    "Unit": {"Description", "After", "Wants"},
    "Service": HARDENING
    | {"Type", "User", "Group", "WorkingDirectory", "EnvironmentFile", "ExecStart", "ExecStartPost"}
    | {"StateDirectory", "StateDirectoryMode", "Restart", "RestartSec", "KillMode", "TimeoutStopSec", "Nice"},
    "Timer": {"OnCalendar", "RandomizedDelaySec", "Persistent"},
    "Install": {"WantedBy"},
}


def unit(path: Path) -> RawConfigParser:
    parser = RawConfigParser(delimiters=["="], strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(path)
    return parser


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_has_known_keys_and_starts_a_command_of_ours(path: Path) -> None:
    told = unit(path)
    for section in told.sections():
        assert set(told[section]) <= KEYS[section], section
        assert all(told[section].values()), section
    if path.suffix == ".service":
        python, script, name, *arguments = shlex.split(told["Service"]["ExecStart"])
        assert (python, script) == ("/opt/leftoff/.venv/bin/python", "manage.py")
        load_command_class("sessions_app", name).create_parser("manage.py", name).parse_args(arguments)
        assert told["Service"]["User"] == "leftoff"
    else:
        assert (OPERATIONS / f"{path.stem}.service").exists()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze found")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for path in UNITS:
        # The one thing that is not on this machine.
        text = path.read_text().replace("/opt/leftoff/.venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text)
    copies = sorted(tmp_path.iterdir())
    checked = subprocess.run(["systemd-analyze", "verify", *copies], capture_output=True, text=True)
    said = [line for line in checked.stderr.splitlines() if "leftoff" in line]
    assert (checked.returncode, said) == (0, [])


@pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx found")
def test_nginx_understands_its_site(tmp_path: Path) -> None:
    """Without certificates, and on sockets instead of ports that only root may open."""
    site = (OPERATIONS / "nginx.conf").read_text()
    site = re.sub(r"^ *ssl_.*\n", "", site, flags=re.MULTILINE)
    ports = iter(range(100))
    site = re.sub(r"listen [^;]+;", lambda _: f"listen unix:{tmp_path}/{next(ports)}.sock;", site)
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off;\n{site}\n}}\n"
    )
    checked = subprocess.run(["nginx", "-t", "-c", whole], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.skipif(shutil.which("caddy") is None, reason="no caddy found")
def test_caddy_understands_its_file() -> None:
    checked = subprocess.run(
        ["caddy", "adapt", "--validate", "--config", OPERATIONS / "Caddyfile"], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_lets_through_what_the_product_needs(name: str) -> None:
    """The one place where its limits and ours meet: a body of 1 MB passes, and is refused by us beyond."""
    told = (OPERATIONS / name).read_text()
    assert told.count("{") == told.count("}")
    assert "127.0.0.1:8000" in told
    assert re.search(r"(client_max_body_size|max_size) 2m", told, re.IGNORECASE)
    if name == "nginx.conf":
        for header in ("Upgrade", "Connection", "Host", "X-Forwarded-For", "X-Forwarded-Proto"):
            assert re.search(rf"proxy_set_header {header} ", told), header
