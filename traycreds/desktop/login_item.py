"""What starts at login, and one that is a file, which Linux and macOS have."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from traycreds.core.errors import TraycredsError
from traycreds.core.text import os_reason
from traycreds.core.value_class import field, value_class
from traycreds.files import contents, private_files

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


@value_class(kw_only=True)
class LoginItem:
    """What starts at login.

    Attributes:
        location: the file or registry value.
        command: its arguments; empty if unreadable.
        environment: variables added to the login's own.
    """

    location: str
    command: tuple[str, ...]
    enabled: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def can_start(self) -> bool:
        """Whether the program that it names is still there and can be run."""
        return bool(self.command) and os.access(self.command[0], os.X_OK) and Path(self.command[0]).is_file()


class ItemInFile:
    """A login item that is a file; see `Autostart`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def turn_on(self, command: Sequence[str], environment: Mapping[str, str] = NO_VARIABLES) -> LoginItem:
        """See `Autostart`."""
        _put(self._path, self._encoded(command, environment))
        return self._item(tuple(command), environment=environment)

    def turn_off(self) -> bool:
        """See `Autostart`."""
        return _remove(self._path)

    def stamp(self) -> object:
        """See `Autostart`."""
        return contents.stamp(self._path)

    def read(self) -> LoginItem | None:
        """See `Autostart`."""
        data = _get(self._path)
        return None if data is None else self._decoded(data)

    def _item(
        self, command: tuple[str, ...], *, enabled: bool = True, environment: Mapping[str, str] = NO_VARIABLES
    ) -> LoginItem:
        return LoginItem(location=str(self._path), command=command, enabled=enabled, environment=dict(environment))

    def _encoded(self, command: Sequence[str], environment: Mapping[str, str]) -> bytes:
        raise NotImplementedError

    def _decoded(self, data: bytes) -> LoginItem:
        raise NotImplementedError


def _get(path: Path) -> bytes | None:
    try:
        return contents.bounded(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _refusal(path, error) from error


def _put(path: Path, data: bytes) -> None:
    """Write it in one step: a desktop that starts just then reads the old or the new one."""
    try:
        private_files.make_folder(path.parent)
        fresh = path.with_name(f".{path.name}.new")
        private_files.write(fresh, data)
        fresh.replace(path)
    except OSError as error:
        raise _refusal(path, error) from error


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _refusal(path, error) from error
    return True


def _refusal(path: Path, error: OSError) -> TraycredsError:
    why = os_reason(error)
    return TraycredsError(f"{path} cannot be used: {why}.", "Check the owner and mode of the file and its folder.")
