"""Owns where everything lies on this platform: our configuration, state, log and runtime folders, and AWS's two files.

Only computes paths: creates, reads and writes nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

APP = "traycreds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """All the paths the program uses; absolute, but possibly not there yet.

    Attributes:
        config_file: our TOML.
        config_named: the user named that file, by --config or TRAYCREDS_CONFIG, so that it must be there.
        state_dir: what outlives a restart (choices, locks).
        log_dir: the rotating log.
        runtime_dir: the control socket; a folder of this user alone.
        credentials_file: AWS's shared credentials file.
        aws_config_file: AWS's configuration file.
    """

    config_file: Path
    state_dir: Path
    log_dir: Path
    runtime_dir: Path
    credentials_file: Path
    aws_config_file: Path
    config_named: bool = False


def locate(environ: Mapping[str, str], config: str | Path | None = None) -> Places:
    """Find all places.

    Args:
        environ: the environment; AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE, TRAYCREDS_CONFIG and XDG_RUNTIME_DIR
            are read from it. (The other folders follow the process's own HOME and XDG_*: platformdirs reads them.)
        config: our configuration file as given on the command line; wins over TRAYCREDS_CONFIG.
    """
    from platformdirs import PlatformDirs  # noqa: PLC0415 - 10 ms that `--version` need not pay

    dirs = PlatformDirs(APP, appauthor=False)
    state_dir = Path(dirs.user_state_dir)
    named = config or environ.get("TRAYCREDS_CONFIG")
    return Places(
        config_file=_expanded(named or Path(dirs.user_config_dir) / "config.toml"),
        config_named=bool(named),
        state_dir=state_dir,
        log_dir=Path(dirs.user_log_dir),
        runtime_dir=_runtime_dir(environ.get("XDG_RUNTIME_DIR"), state_dir),
        credentials_file=_expanded(environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials"),
        aws_config_file=_expanded(environ.get("AWS_CONFIG_FILE") or "~/.aws/config"),
    )


def _expanded(path: str | Path) -> Path:
    """Variables and `~` expanded in the order of botocore (configloader.raw_config_parse), then made absolute."""
    return Path(os.path.abspath(os.path.expanduser(os.path.expandvars(path))))  # noqa: PTH100, PTH111 - botocore's own


def _runtime_dir(given: str | None, state_dir: Path) -> Path:
    """The session's runtime folder, or one in our state folder where there is none that is safely ours.

    platformdirs would warn and fall back to a guessable name in /tmp, which somebody else could make first and so own
    the folder in which our socket lies.
    """
    if sys.platform != "linux":
        return state_dir / "run"
    session = Path(given or f"/run/user/{os.getuid()}")
    try:
        status = session.stat()
        ours = status.st_uid == os.getuid() and not status.st_mode & 0o077
    except OSError:
        ours = False
    return session / APP if ours and session.is_absolute() else state_dir / "run"
