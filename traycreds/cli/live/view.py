"""The state of the live view: roles, selection, filter, questions and messages, and what a key does to it. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from traycreds.aws.mfa.question import Question
from traycreds.cli.display import hints
from traycreds.cli.live.action import Action, Wanted, offered
from traycreds.cli.live.code_entry import CodeEntry
from traycreds.core.model import RoleName
from traycreds.core.snapshot import RoleView, Snapshot
from traycreds.core.text import printable
from traycreds.ui.menu import labels
from traycreds.ui.picker.finder import Candidate, Finder

_KEPT_MESSAGES = 100
_LONGEST_FILTER = 64
_FAR = 1_000_000
_STEPS = {"up": -1, "down": 1, "home": -_FAR, "end": _FAR}


class LiveView:
    """What is shown. One thread at a time may use it."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self.snapshot: Snapshot | None = None
        self.messages: deque[str] = deque(maxlen=_KEPT_MESSAGES)
        self.filter = ""
        self.filtering = False
        self.top = 0
        self._seen = 1
        self._selected: RoleName | None = None
        self._questions: list[CodeEntry] = []
        self._found: tuple[RoleView, ...] = ()

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot; a question ends where no role waits for its device."""
        self.snapshot = snapshot
        devices = {view.mfa_device for view in snapshot.roles}
        for each in [each for each in self._questions if each.question.device not in devices]:
            self._questions.remove(each)
            each.cancel()
        self._find()

    def add_message(self, sentence: str) -> None:
        """Show a sentence, below what is wrong."""
        self.messages.append(hints.by_keys(sentence))

    @property
    def roles(self) -> Sequence[RoleView]:
        """The roles that match the filter, in their own order."""
        return self._found

    @property
    def selected(self) -> RoleView | None:
        """The role that keys are about."""
        return self._found[self._place] if self._found else None

    @property
    def code(self) -> CodeEntry | None:
        """The open question."""
        return self._questions[0] if self._questions else None

    @property
    def offered(self) -> list[Wanted]:
        """What the keys do now."""
        wanted = offered(self._found, self.selected)
        return [each for each in wanted if each.action is not Action.ENTER_CODE or self.code is None]

    def question(self, role: RoleName | None) -> Question | None:
        """What asks for the code that a role waits for, together with others; None if it waits for none."""
        every = () if self.snapshot is None else self.snapshot.roles
        device = next((view.mfa_device for view in every if view.name == role), None)
        if device is None:
            return None
        return Question(device=device, roles=tuple(view.name for view in every if view.mfa_device == device))

    def ask(self, entry: CodeEntry) -> None:
        """Ask for a code, after those that are asked for already."""
        self._questions.append(entry)

    def cancel(self) -> None:
        """Answer all questions with none."""
        while self._questions:
            self._questions.pop(0).cancel()

    def fit(self, rows: int) -> None:
        """Scroll so that the selected role is within this many rows, and none of them is empty."""
        self._seen = max(1, rows)
        place = self._place
        top = max(place - self._seen + 1, min(self.top, place))
        self.top = max(0, min(top, len(self._found) - self._seen))

    def press(self, key: str) -> Wanted | None:
        """Take a character, or the name of another key; return what is to do."""
        if key in _STEPS or key in {"pageup", "pagedown"}:
            self._move(key)
        elif self.filtering:
            self._edit_filter(key)
        elif self.code is not None and (key in {"enter", "escape", "backspace"} or self.code.takes(key)):
            self._edit_code(self.code, key)
        elif key == Action.FILTER.value and self._found:
            self.filtering = True
        elif key == "escape":
            self._set_filter("")
        else:
            return next((each for each in self.offered if each.action.value == key), None)
        return None

    def paste(self, text: str) -> None:
        """Take pasted text, which is never a command."""
        if self.filtering:
            self._edit_filter(printable(" ".join(text.split())))
        elif self.code is not None and self.code.takes(text.strip()):
            self.code.type(text.strip())

    def _move(self, key: str) -> None:
        page = {"pageup": -self._seen, "pagedown": self._seen}
        if self._found:
            place = self._place + (page.get(key) or _STEPS[key])
            self._selected = self._found[max(0, min(place, len(self._found) - 1))].name

    def _edit_filter(self, key: str) -> None:
        if key == "enter":
            self.filtering = False
        elif key == "escape":
            self.filtering = False
            self._set_filter("")
        else:
            self._set_filter(self.filter[:-1] if key == "backspace" else self.filter + key)

    def _edit_code(self, code: CodeEntry, key: str) -> None:
        if key == "escape":
            self._questions.remove(code)
            code.cancel()
        elif key == "backspace":
            code.erase()
        elif key != "enter":
            code.type(key)
        elif code.send():
            self._questions.remove(code)

    def _set_filter(self, text: str) -> None:
        self.filter = text[:_LONGEST_FILTER]
        self._find()

    def _find(self) -> None:
        every = () if self.snapshot is None else self.snapshot.roles
        if self.filter.strip():
            finder = Finder(map(_candidate, every))
            self._found = tuple(every[place] for place in sorted(finder.find(self.filter)))
        else:
            self._found = every

    @property
    def _place(self) -> int:
        return next((place for place, view in enumerate(self._found) if view.name == self._selected), 0)


def _candidate(view: RoleView) -> Candidate:
    account = labels.account(view)
    return Candidate(view.name, (view.label or "", account, account.replace("-", ""), view.group or "", view.profile))
