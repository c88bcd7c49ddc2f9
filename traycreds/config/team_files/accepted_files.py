"""The accepted text of each included file, which alone takes effect.

Texts are in our state folder, so a start needs no network or foreign file. Only `review` accepts, for the user.
"""

from __future__ import annotations

import contextlib
import enum
import json
import logging
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from traycreds.config.team_files.includes import IncludedFile
from traycreds.core.errors import ConfigError, CredentialsFileError
from traycreds.core.text import json_value
from traycreds.core.value_class import value_class
from traycreds.files import atomic_write, contents, locks
from traycreds.files.digest import sha256
from traycreds.state import paths

log = logging.getLogger(__name__)

LARGEST = 1024 * 1024
"""Bytes of an included file; a thousand roles are a fifth of that."""

_FOLDER = "included"
_LIST = "accepted.json"
_VERSION = 1
_DIGITS = frozenset("0123456789abcdef")


class FileStatus(enum.Enum):
    """The status of an included file; the value is what `doctor` calls it."""

    ACCEPTED = "accepted"
    WAITING = "waiting for your review"
    UNREADABLE = "unreadable"
    UNFETCHED = "not fetched yet"
    UNREACHABLE = "unreachable"
    MISMATCH = "hash mismatch"


@value_class
class Accepted:
    """What the user agreed to: the file's bytes, and programs that its roles may run."""

    data: bytes
    commands: frozenset[str] = frozenset()


@value_class(kw_only=True)
class Included:
    """One source now: the text that takes effect, the one found, and in two sentences why none was found."""

    source: IncludedFile
    file_status: FileStatus
    accepted: Accepted | None
    found: bytes | None = None
    problem: tuple[str, str] | None = None


class AcceptedFiles:
    """Accepted and fetched texts in our state folder; of all processes one writes at a time."""

    def __init__(self, state_dir: Path) -> None:
        """Touch nothing yet."""
        self._folder = state_dir / _FOLDER
        self._locks = paths.locks_dir(state_dir)
        self.list = self._folder / _LIST

    def accepted(self, source: IncludedFile) -> Accepted | None:
        """What the user has accepted of a source, even if it has changed."""
        return self._accepted(self._entries().get(source.key, {}))

    def read_included(self, source: IncludedFile) -> Included:
        """A source as it is now; reads files, and asks no network."""
        entry = self._entries().get(source.key, {})
        accepted = self._accepted(entry)
        if source.pin is None:
            return _compared(source, accepted, *_read(Path(source.key)))
        if (found := self._text(source.pin)) is not None:
            return _compared(source, accepted, found, None)
        problem = entry.get("trouble")
        if not isinstance(problem, dict) or problem.get("pin") != source.pin:
            sentence, hint = (
                f"{source.label} is not fetched yet.",
                "The app fetches it, or run `traycreds import team`.",
            )
            return Included(
                source=source, file_status=FileStatus.UNFETCHED, accepted=accepted, problem=(sentence, hint)
            )
        file_status = FileStatus.MISMATCH if problem.get("mismatch") is True else FileStatus.UNREACHABLE
        failure = str(problem.get("sentence")), str(problem.get("hint"))
        return Included(source=source, file_status=file_status, accepted=accepted, problem=failure)

    def accept(self, source: IncludedFile, data: bytes, commands: frozenset[str]) -> None:
        """Let this text take effect. Raises ConfigError: it cannot be kept; the old text stays."""
        digest = sha256(data)
        old = self._entries().get(source.key, {}).get("sha256")
        self._keep(digest, data)
        self._change(source, lambda entry: {**entry, "sha256": digest, "commands": sorted(commands)})
        if isinstance(old, str) and old not in {entry.get("sha256") for entry in self._entries().values()}:
            with contextlib.suppress(OSError):
                (self._folder / f"{old}.toml").unlink()

    def fetched(self, source: IncludedFile, data: bytes) -> None:
        """Keep what an address gave, whose hash is the pinned one. Raises ConfigError: it cannot be kept."""
        self._keep(sha256(data), data)
        self._change(source, lambda entry: {key: entry[key] for key in entry if key != "trouble"})

    def not_fetched(self, source: IncludedFile, error: ConfigError, *, mismatch: bool) -> None:
        """Keep why a download failed, for `doctor`. Raises ConfigError: it cannot be kept."""
        problem = {"pin": source.pin, "mismatch": mismatch, "sentence": error.sentence, "hint": error.hint}
        self._change(source, lambda entry: {**entry, "trouble": problem})

    def _accepted(self, entry: Mapping[str, Any]) -> Accepted | None:
        digest, commands = entry.get("sha256"), entry.get("commands")
        data = self._text(digest) if isinstance(digest, str) else None
        if data is None or not isinstance(commands, list):
            return None
        return Accepted(data, frozenset(filter(lambda each: isinstance(each, str), commands)))

    def _text(self, digest: str) -> bytes | None:
        # A digest from the file must never work as a path.
        if not digest or not set(digest) <= _DIGITS:
            return None
        try:
            data = contents.read(self._folder / f"{digest}.toml").data
        except CredentialsFileError:
            return None
        return data if data is not None and sha256(data) == digest else None

    def _keep(self, digest: str, data: bytes) -> None:
        if self._text(digest) is None:
            self._replace(self._folder / f"{digest}.toml", data)

    def _entries(self) -> dict[str, dict[str, Any]]:
        """The list by key; empty if damaged or unreachable, so that everything waits for review again."""
        try:
            return self._listed()
        except CredentialsFileError:
            return {}

    def _listed(self) -> dict[str, dict[str, Any]]:
        """The same, for a writer, which must not lose what it cannot read. Raises CredentialsFileError: unreadable."""
        data = contents.read(self.list).data
        if data is None:
            return {}
        try:
            return _decoded(json_value(data))
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            log.warning("not using %s because it cannot be read (%s)", self.list, type(error).__name__)
            return {}

    def _change(self, source: IncludedFile, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        try:
            with locks.locked(self.list, self._locks):
                entries = self._listed()
                changed = edit(entries.get(source.key, {}))
                if changed == entries.get(source.key, {}):
                    return
                message = {"version": _VERSION, "sources": {**entries, source.key: changed}}
                self._replace(self.list, (json.dumps(message, indent=2) + "\n").encode())
        except CredentialsFileError as error:
            raise ConfigError(error.sentence, error.hint) from error

    def _replace(self, path: Path, data: bytes) -> None:
        try:
            atomic_write.replace(path, data, expected=contents.read(path).data)
        except atomic_write.ChangedMeanwhileError as error:
            raise ConfigError(f"Another program writes {path}.", "Try again; nothing was changed.") from error
        except CredentialsFileError as error:
            raise ConfigError(error.sentence, error.hint) from error


def _decoded(message: Any) -> dict[str, dict[str, Any]]:
    if message["version"] != _VERSION:
        raise ValueError("another version")
    return {str(key): dict(entry) for key, entry in message["sources"].items()}


def _compared(
    source: IncludedFile, accepted: Accepted | None, found: bytes | None, problem: tuple[str, str] | None
) -> Included:
    if found is None:
        return Included(source=source, file_status=FileStatus.UNREADABLE, accepted=accepted, problem=problem)
    same = accepted is not None and accepted.data == found
    file_status = FileStatus.ACCEPTED if same else FileStatus.WAITING
    return Included(source=source, file_status=file_status, accepted=accepted, found=found)


def _read(path: Path) -> tuple[bytes | None, tuple[str, str] | None]:
    try:
        # Check before opening, as a FIFO would block forever.
        if not stat.S_ISREG(path.stat().st_mode):
            return None, (f"{path} is not a regular file.", "Fix include in your configuration.")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None, (f"There is no file {path}.", "Fix include in your configuration, or put the file there.")
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or type(error).__name__).lower()
        return None, (f"{path} cannot be read: {why}.", "Make the file readable by your user.")
    if len(data) > LARGEST:
        return None, (f"{path} is larger than {LARGEST} bytes.", "Check that it is the right file.")
    return data, None
