from __future__ import annotations

import pytest

from tests.support.wait_until import until
from traycreds.app.followers import surroundings
from traycreds.app.followers.surroundings import SurroundingsWatch
from traycreds.core.errors import TraycredsError
from traycreds.core.events import Notify
from traycreds.core.snapshot import Surroundings
from traycreds.core.ui_commands import UiCommand
from traycreds.desktop.login_item import LoginItem
from traycreds.desktop.notifications.advice import SCRIPT_EDITOR
from traycreds.usecases import login_item

CORP = (("corp", "dev"),)


@pytest.fixture
def seen(monkeypatch):
    """What was shown, and what is found: an entry at login, and sign-ins."""
    shown, found = [], {"entry": None, "sign_ins": ()}

    def read(_options):
        if isinstance(found["entry"], Exception):
            raise found["entry"]
        return found["entry"]

    monkeypatch.setattr(login_item, "read", read)
    monkeypatch.setattr(login_item, "stamp", lambda: id(found["entry"]))
    return shown, found, SurroundingsWatch(shown.append, sign_ins=lambda: found["sign_ins"])


def test_what_changed_is_shown_and_nothing_else(seen):
    shown, found, watch = seen
    watch.check()
    assert until(lambda: shown) == [Surroundings(at_login=False)]
    watch.check()
    watch._worker.wait_until_done(10)
    found["sign_ins"] = CORP
    watch.check()
    assert until(lambda: shown[1:]) == [Surroundings(at_login=False, sign_ins=CORP)]


def test_what_an_import_would_take_is_shown_once_it_was_asked_for(seen):
    shown, _, watch = seen
    watch.offer_import("Import 1 role: dev")
    assert until(lambda: shown) == [Surroundings(at_login=False, import_offer="Import 1 role: dev")]


def test_what_keeps_notices_from_being_seen_is_shown(seen):
    shown, _, _ = seen
    watch = SurroundingsWatch(shown.append, sign_ins=tuple, notices=lambda: SCRIPT_EDITOR)
    watch.check()
    assert until(lambda: shown) == [Surroundings(at_login=False, notices=SCRIPT_EDITOR.short)]


def test_what_became_of_a_click_is_shown_until_the_next_click(seen):
    shown, _, watch = seen
    failed = Notify(key="menu-action", title="dev: console not opened", body="Try again.")
    watch.answer(failed)
    assert until(lambda: shown) == [Surroundings(at_login=False, answer=failed)]
    watch.answer(None)
    assert until(lambda: shown[1:]) == [Surroundings(at_login=False)]


def test_a_click_after_nothing_untold_reads_nothing(seen, monkeypatch):
    _, _, watch = seen
    monkeypatch.setattr(watch, "check", lambda: pytest.fail("it reads"))
    watch.answer(None)


def test_what_needs_a_terminal_is_shown(seen):
    shown, _, _ = seen
    watch = SurroundingsWatch(shown.append, sign_ins=tuple, in_terminal=lambda: frozenset({UiCommand.NEW_ROLE}))
    watch.check()
    assert until(lambda: shown) == [Surroundings(at_login=False, in_terminal=frozenset({UiCommand.NEW_ROLE}))]


@pytest.mark.parametrize(
    ("entry", "at_login"),
    [
        (LoginItem(location="x", command=("/bin/sh",)), True),
        (LoginItem(location="x", command=("/bin/sh",), enabled=False), False),
        (LoginItem(location="x", command=("/bin/gone",)), False),
        (TraycredsError("It cannot be read.", "Look."), None),
    ],
)
def test_only_an_entry_that_starts_the_app_counts(seen, entry, at_login):
    shown, found, watch = seen
    found["entry"] = entry
    watch.check()
    assert until(lambda: shown) == [Surroundings(at_login=at_login)]


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_each_poll_reads_where_no_event_says_that_notices_were_switched_off(seen, monkeypatch, platform):
    _, _, watch = seen
    reads = []
    monkeypatch.setattr(watch, "check", lambda: reads.append(1))
    monkeypatch.setattr(surroundings.sys, "platform", platform)
    watch.poll()
    watch.poll()
    assert len(reads) == 2


def test_a_poll_reads_nothing_until_something_has_changed(seen, tmp_path, monkeypatch):
    shown, found, watch = seen
    monkeypatch.setattr(surroundings.sys, "platform", "linux")
    program = tmp_path / "traycreds"
    program.touch(mode=0o700)
    reads = []
    check = watch.check
    monkeypatch.setattr(watch, "check", lambda: (reads.append(1), check(), watch._worker.wait_until_done(10)))

    def polled():
        before = len(reads)
        watch.poll()
        watch.poll()
        watch.poll()
        return len(reads) - before

    assert polled() == 1
    assert polled() == 0
    found["sign_ins"] = CORP
    assert polled() == 1
    found["entry"] = LoginItem(location="x", command=(str(program),))
    assert polled() == 1
    assert polled() == 0
    assert shown[-1] == Surroundings(at_login=True, sign_ins=CORP)
    program.unlink()
    assert polled() == 1
    assert shown[-1] == Surroundings(at_login=False, sign_ins=CORP)
