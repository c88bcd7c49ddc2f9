"""The browser that a person names: found as hooks are, and what it is given."""

from __future__ import annotations

import pytest

from tests.support.wait_until import written
from tests.windows.mark import not_on_windows
from traycreds.core.errors import TraycredsError
from traycreds.core.model import BrowserChoice
from traycreds.desktop import browser
from traycreds.process.programs import login_path

URL = "http://127.0.0.1:1/authorize?a=b&c=d"


@pytest.fixture
def only_in_a_terminal(tmp_path, monkeypatch):
    """A browser on the PATH of the login shell alone, and what it was given."""
    folder, seen = tmp_path / "tools", tmp_path / "seen"
    folder.mkdir()
    script = folder / "company-browser"
    script.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > '{seen}~'\nmv '{seen}~' '{seen}'\n")
    script.chmod(0o755)
    path = login_path.LoginPath()
    monkeypatch.setattr(path, "get", lambda: f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(login_path, "of_this_process", path)
    return seen


def opened(*words: str, container: bool = False) -> None:
    by = browser.chosen(BrowserChoice(words, container, "it"), "corp", place="{session}")
    assert by is not None
    browser.open_page(URL, pytest.fail, by)


@not_on_windows
@pytest.mark.parametrize(
    ("words", "given"),
    [
        ((), [URL]),
        (("-P", "{session}"), ["-P", "corp", URL]),
        (("--app={url}", "{role}"), [f"--app={URL}", "{role}"]),
    ],
)
def test_it_is_found_on_the_path_of_the_login_shell(only_in_a_terminal, words, given):
    opened("company-browser", *words)
    assert written(only_in_a_terminal).splitlines() == given


@pytest.mark.parametrize("words", [("/no/where",), ("company\0browser",)])
def test_one_that_cannot_start_is_reported_with_what_to_fix(words):
    with pytest.raises(TraycredsError) as caught:
        opened(*words)
    assert caught.value.hint == "Fix it."


def test_nothing_configured_leaves_it_to_the_desktop():
    assert browser.chosen(BrowserChoice((), False, "it"), "corp", place="{session}") is None
