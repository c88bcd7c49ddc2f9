"""The paths of our configuration, state, log and runtime folders, and of AWS's two files. Only computes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from traycreds.core.errors import UsageError
from traycreds.core.text import printable
from traycreds.core.value_class import value_class

if sys.platform != "win32":
    import pwd

APP = "traycreds"
HIDDEN = "hidden-by-traycreds-exec"
"""The name of the file that AWS tools of a served program find in place of the credentials file."""
KEPT = "TRAYCREDS_CREDENTIALS_FILE"
"""What AWS_SHARED_CREDENTIALS_FILE was before, for traycreds itself; empty if it was not set."""
CREDENTIALS_FILE = "AWS_SHARED_CREDENTIALS_FILE"


@value_class(kw_only=True)
class Paths:
    """All absolute paths of the program; they may be missing.

    Attributes:
        config_named: the user named the file (--config, TRAYCREDS_CONFIG), so it must exist.
        places: what they were found by; see `places`.
        runtime_dir: the control socket, for this user alone.
    """

    config_file: Path
    state_dir: Path
    log_dir: Path
    runtime_dir: Path
    credentials_file: Path
    aws_config_file: Path
    config_named: bool = False
    places: tuple[str, ...] = ()

    @property
    def locks_dir(self) -> Path:
        """The locks between our own processes."""
        return locks_dir(self.state_dir)


def locks_dir(state_dir: Path) -> Path:
    """The locks of a state folder."""
    return state_dir / "locks"


def locate(environ: Mapping[str, str], config: str | Path | None = None) -> Paths:
    """Find all places; `config` is --config, which wins over TRAYCREDS_CONFIG. Raises UsageError: no own home folder.

    `environ` gives the AWS_, TRAYCREDS_ and XDG_RUNTIME_DIR variables; platformdirs reads HOME and the other XDG_*.
    """
    _check_home(os.environ.get("HOME"))
    from platformdirs import PlatformDirs

    dirs = PlatformDirs(APP, appauthor=False)
    state_dir = Path(dirs.user_state_dir)
    named = config or environ.get("TRAYCREDS_CONFIG")
    return Paths(
        config_file=_expanded(named or Path(dirs.user_config_dir) / "config.toml"),
        config_named=bool(named),
        state_dir=state_dir,
        log_dir=Path(dirs.user_log_dir),
        runtime_dir=_session_dir(environ) or state_dir / "run",
        credentials_file=credentials_file(environ),
        aws_config_file=aws_config_file(environ),
        places=places(environ, config),
    )


def runtime_dir(environ: Mapping[str, str]) -> Path:
    """The folder of the control socket alone, for which most desktops have a variable; see `locate`."""
    _check_home(os.environ.get("HOME"))
    return _session_dir(environ) or locate(environ).runtime_dir


def session_dir(environ: Mapping[str, str]) -> Path | None:
    """That folder, if a session variable names it, which needs no import; else None. See `runtime_dir`."""
    _check_home(os.environ.get("HOME"))
    return _session_dir(environ)


def places(environ: Mapping[str, str], config: str | Path | None = None) -> tuple[str, ...]:
    """All that `locate` depends on on Linux: two processes for which it is the same use the same files."""
    named = config or environ.get("TRAYCREDS_CONFIG")
    return (
        str(_expanded(named)) if named else "",
        str(credentials_file(environ)),
        str(aws_config_file(environ)),
        *(os.environ.get(name, "") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")),
    )


def credentials_file(environ: Mapping[str, str]) -> Path:
    """AWS's shared credentials file; an empty variable counts as none, as in the other SDKs."""
    return _expanded(environ.get(CREDENTIALS_FILE) or "~/.aws/credentials")


def aws_config_file(environ: Mapping[str, str]) -> Path:
    """AWS's configuration file; an empty variable counts as none, as in the other SDKs."""
    return _expanded(environ.get("AWS_CONFIG_FILE") or "~/.aws/config")


def _check_home(home: str | None) -> None:
    """Refuse an invalid home: botocore, platformdirs and Python each read it differently."""
    if sys.platform == "win32":
        if not os.path.isabs(os.path.expanduser("~")):  # noqa: PTH111, PTH117 - Path.home() raises instead
            raise UsageError("USERPROFILE does not name a home folder.", "Set it to the full path of your home folder.")
        return
    if home is None or not os.path.isabs(home):  # noqa: PTH117 - also for an empty one
        what = (
            "HOME is not set" if home is None else "HOME is empty" if not home else f"HOME is not a full path: {home}"
        )
        raise UsageError(f"{printable(what)}.", "Set it to the full path of your home folder.")
    if os.geteuid() == 0 and (uid := owner(home)) not in {None, 0}:
        sentence = (
            f"traycreds runs as root in {home}, which belongs to {_user(uid)}: it would leave root's files there."
        )
        raise UsageError(sentence, "Run it without sudo, or with `sudo -H` for root's own roles.")


def owner(folder: str) -> int | None:
    """The user id of a folder's owner, or None if it is missing."""
    try:
        return os.stat(folder).st_uid  # noqa: PTH116 - a text, not a path
    except OSError:
        return None


def _user(uid: int | None) -> str:
    if sys.platform != "win32":
        with contextlib.suppress(KeyError, TypeError):
            return pwd.getpwuid(uid).pw_name  # type: ignore[arg-type]
    return f"user {uid}"


def _expanded(path: str | Path) -> Path:
    """Variables and `~` expanded in the order of botocore (configloader.raw_config_parse), then made absolute."""
    return Path(os.path.abspath(os.path.expanduser(os.path.expandvars(path))))  # noqa: PTH100, PTH111 - botocore's own


def _session_dir(environ: Mapping[str, str]) -> Path | None:
    """Our folder in the session's runtime folder; None if it is not safely ours.

    platformdirs would fall back to a guessable name in /tmp, which someone else could create first.
    """
    if sys.platform != "linux":
        return None
    session = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    try:
        status = session.stat()
        ours = status.st_uid == os.getuid() and not status.st_mode & 0o077
    except OSError:
        ours = False
    return session / APP if ours and session.is_absolute() else None


def own_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a traycreds below `exec --server`, with the user's own credentials file again."""
    own = {name: value for name, value in environ.items() if name != KEPT}
    if file_name(own.get(CREDENTIALS_FILE, "")) != HIDDEN:
        return own
    del own[CREDENTIALS_FILE]
    return {**own, CREDENTIALS_FILE: environ[KEPT]} if environ.get(KEPT) else own


def file_name(path: str) -> str:
    """The last part of a path of any system."""
    return path.replace("\\", "/").rpartition("/")[2]
