"""What is picked in the window continues as a click in the menu does."""

from __future__ import annotations

import threading

import pytest

from tests.support.builders import HOUR, NOW
from tests.support.wait_until import until
from traycreds.app.dialogs.role_picker import RolePicker
from traycreds.control.server import CommandReply
from traycreds.core.errors import NotRunningError, TraycredsError
from traycreds.core.events import RoleChosen, RoleSwitched
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.ui_commands import RoleCommand, UiCommand
from traycreds.state import paths
from traycreds.ui.picker.rows import Picked, PickerAction

DEV, PROD = RoleName("dev"), RoleName("prod")


def view(name, *, alive=True, error=None):
    ends = NOW + HOUR if alive else None
    status = Status.FRESH if alive else Status.FAILED if error else Status.OFF
    return RoleView(
        name=name,
        profile=ProfileName(name),
        status=status,
        expires_at=ends,
        error=error,
        hint="Do it." if error else None,
    )


class Surrounded:
    """A picker whose window answers at once, and an app that refreshes on request."""

    def __init__(self, home, *answers, after=None):
        self.answers, self.after = list(answers), after
        self.snapshot = Snapshot(as_of=NOW, roles=(view(DEV), view(PROD, alive=False)))
        self.offered, self.taken, self.notices, self.requests = [], [], [], []
        self.gate, self.closed, self.ended = threading.Event(), False, 0
        self.gate.set()
        self.picker = RolePicker(
            paths.locate({}, home / "config.toml"),
            snapshot=lambda: self.snapshot,
            take=self.taken.append,
            request=self.obeyed,
            notify=self.notices.append,
            dialog=self,
        )

    def ask(self, offered):
        self.offered.append([row.name for row in offered])
        assert self.gate.wait(10)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def end(self):
        self.ended += 1
        self.gate.set()
        return True

    def close(self):
        self.closed = True
        self.gate.set()

    def obeyed(self, request, gone):
        assert not gone()
        self.requests.append((request.do, request.roles))
        if isinstance(self.after, Exception):
            raise self.after
        self.snapshot = Snapshot(as_of=NOW, roles=(view(DEV), self.after))
        return CommandReply(content={"ok": True})

    def opened(self, what):
        self.picker.open()
        until(lambda: getattr(self, what), f"{what} come")
        return getattr(self, what)


@pytest.mark.parametrize(
    ("picked", "click"),
    [
        (Picked(PickerAction.USE, PROD), RoleChosen(PROD)),
        (Picked(PickerAction.KEEP, PROD), RoleSwitched(PROD, on=True)),
        (Picked(PickerAction.CONSOLE, DEV), RoleCommand(UiCommand.OPEN_CONSOLE, DEV)),
    ],
)
def test_what_is_picked_is_a_click(home, picked, click):
    app = Surrounded(home, picked)
    assert app.opened("taken") == [click]
    assert app.offered == [["dev", "prod"]]
    assert app.requests == []


def test_the_console_of_a_role_without_a_session_gets_one_first(home):
    app = Surrounded(home, Picked(PickerAction.CONSOLE, PROD), after=view(PROD))
    assert app.opened("taken") == [RoleCommand(UiCommand.OPEN_CONSOLE, PROD)]
    assert app.requests == [("refresh", ("prod",))]


def test_without_a_session_a_notice_says_so_and_no_console_opens(home):
    app = Surrounded(home, Picked(PickerAction.CONSOLE, PROD), after=view(PROD, alive=False, error="AWS refused it."))
    (notice,) = app.opened("notices")
    assert notice.title == "prod: console not opened"
    assert "AWS refused it." in notice.body
    assert app.taken == []


def test_a_refresh_that_cannot_begin_is_reported(home):
    app = Surrounded(home, Picked(PickerAction.CONSOLE, PROD), after=NotRunningError("It is ending.", "Try again."))
    (notice,) = app.opened("notices")
    assert (notice.title, notice.body) == ("Find role: nothing was done", "It is ending. Try again.")


def test_where_no_window_can_be_shown_it_says_what_to_do(home):
    app = Surrounded(home, TraycredsError("No program here can show it.", "Install zenity."))
    (notice,) = app.opened("notices")
    assert (notice.title, notice.body) == (
        "Find role: nothing was done",
        "No program here can show it. Install zenity.",
    )


def test_a_second_click_opens_a_new_window_in_place_of_one_that_may_lie_behind_others(home):
    app = Surrounded(home, None, Picked(PickerAction.USE, DEV))
    app.gate.clear()
    app.opened("offered")
    app.picker.open()
    until(lambda: app.taken, "the second is answered")
    assert (len(app.offered), app.ended) == (2, 1)


def test_another_click_opens_one_again_once_it_is_closed(home):
    app = Surrounded(home, Picked(PickerAction.USE, DEV), Picked(PickerAction.KEEP, DEV))
    app.opened("taken")
    until(lambda: len(app.taken) > 1 or app.picker.open(), "the second is answered")
    assert len(app.taken) == 2


def test_a_window_that_fails_does_not_stand_in_the_way_of_the_next(home):
    app = Surrounded(home, TraycredsError("No.", "Do it."), Picked(PickerAction.USE, DEV))
    app.opened("notices")
    assert app.opened("taken") == [RoleChosen(DEV)]


def test_the_end_of_the_app_closes_the_window_and_opens_none_any_more(home):
    app = Surrounded(home, None)
    app.gate.clear()
    app.opened("offered")
    app.picker.close()
    assert app.closed
    app.picker.open()
    until(lambda: not app.answers, "it is over")
    assert len(app.offered) == 1
    assert app.taken == []
