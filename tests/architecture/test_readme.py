"""The README is short and its commands are what CI runs; what docs say of the code is made from the code."""

import re
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT
from tests.unit.cli.test_parser import COMMANDS
from traycreds.cli.display.role_results import roles_as_json
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Status

README = (ROOT / "README.md").read_text(encoding="utf-8")
MADE = {
    "config_reference.py": ("configuration.md", "| `favourite` |", "| `favorite` |"),
    "command_reference.py": ("commands.md", "| `--speed N` |", "| `--speed M` |"),
    "failure_table.py": ("failures.md", "| hook | 10 s |", "| hook | 11 s |"),
}
"""Scripts of packaging/docs, each with its page, and something in there that can differ from the code."""


def made(script, *arguments):
    command = [sys.executable, ROOT / "packaging" / "docs" / script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_the_readme_is_short():
    assert len(README.split()) < 750, "what is for a few readers belongs in docs"


@pytest.mark.parametrize("end", ["traycreds demo$", "pytest"])
def test_ci_runs_the_commands_of_the_readme(end):
    pattern = f"^python3 -m venv .*{end}"
    assert len(re.findall(pattern, README, re.MULTILINE)) == 1
    assert f'grep -m1 -E "{pattern}" README.md' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("begins", ["python3", "py"])
@pytest.mark.parametrize("end", ["demo", "pytest"])
def test_the_workflow_takes_the_commands_of_macos_and_windows_from_the_readme(begins, end):
    workflow = (ROOT / ".github" / "workflows" / "platforms.yml").read_text(encoding="utf-8")
    assert r'grep -m1 -E "^$BEGINS -m venv .*$command\s*$" README.md' in workflow
    assert f"begins: {begins} }}" in workflow
    assert "for command in demo pytest;" in workflow
    assert len(re.findall(rf"^{begins} -m venv .*{end}\s*$", README, re.MULTILINE)) == 1


@pytest.mark.parametrize("script", MADE)
def test_a_reference_is_the_code_s(script):
    done = made(script, "--check")
    assert done.returncode == 0, f"{done.stderr}\nrun: python packaging/docs/{script}"


@pytest.mark.parametrize("script", MADE)
def test_an_outdated_reference_is_found_and_updated(tmp_path, script):
    page, right, wrong = MADE[script]
    copy = tmp_path / "copy.md"
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert text.count(right) == 1
    copy.write_text(text.replace(right, wrong), encoding="utf-8")
    assert made(script, copy, "--check").returncode == 1
    assert made(script, copy).returncode == 0
    assert copy.read_text(encoding="utf-8") == text


def test_the_page_on_commands_has_every_command():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    shown = re.findall(r"^### `traycreds ([^`]+)`$", page, re.MULTILINE)
    assert shown == [" ".join(words) for words in COMMANDS]


def test_the_page_on_commands_has_every_key_of_a_role_in_json():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    table = page.split("| key of a role | value |\n|---|---|\n", 1)[1].split("\n\n", 1)[0]
    role = RoleView(name=RoleName("dev"), profile=ProfileName("dev-session"), status=Status.OFF)
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(roles_as_json([role])["roles"][0])
