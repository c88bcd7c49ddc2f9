"""Checks all files and writes the report to share: no secret, account or person. Only reads."""

from __future__ import annotations

import getpass
import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from traycreds import __version__
from traycreds.config import loaded_files, review
from traycreds.config.review import Review
from traycreds.core.errors import TraycredsError
from traycreds.core.model import RoleName
from traycreds.core.snapshot import RoleView
from traycreds.core.text import os_reason, printable
from traycreds.doctor import checks
from traycreds.doctor.finding import Finding
from traycreds.files import contents
from traycreds.state import log
from traycreds.state.paths import Paths
from traycreds.usecases import load, running_app
from traycreds.usecases.engine_run.status import from_files
from traycreds.usecases.options import Options

_LOG_LINES = 60
_LOG_BYTES = 64 * 1024
PACKAGES = ("botocore", "pystray", "pillow", "filelock", "platformdirs", "keyring")
PACKAGES_ON = {
    "linux": ("plyer", "jeepney"),
    "darwin": ("pyobjc-framework-UserNotifications",),
    "win32": ("plyer", "winrt-Windows.UI.Notifications"),
}
"""Whose versions the report names; the frozen app has their metadata for it (`packaging/lib/pyinstaller.py`)."""
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])")
_PERSON = re.compile(r"(:(?:mfa|user|federated-user|sms-mfa)/|:assumed-role/[^/\s]+/)[^\s\"',;)]+")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PORTAL = re.compile(r"https://[\w.-]+\.awsapps\.com\S*|https://ssoins-[\w.-]+\S*")
_DESKTOP = ("XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "WSL_DISTRO_NAME")


def examine(options: Options) -> tuple[Finding, ...]:
    """All mistakes, by file and line."""
    return checks.examine(load.find_paths(options))


def included(options: Options) -> tuple[tuple[str, str], ...]:
    """Each included file with its state."""
    try:
        found = review.find(load.find_paths(options))
    except TraycredsError:
        # A finding reports this error.
        return ()
    return tuple((printable(each.source.label), _file_status(each)) for each in found)


def _file_status(each: Review) -> str:
    status = "faulty" if each.faulty else each.included.file_status.value
    return f"{status}; a program that it names is not allowed to run" if each.commands else status


def as_json(findings: tuple[Finding, ...], included: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The findings in the form that scripts rely on."""
    return {
        "included": [{"source": source, "state": state} for source, state in included],
        "findings": [
            {
                "file": finding.file,
                "line": finding.line,
                "severity": finding.severity.value,
                "what": finding.what,
                "remedy": finding.remedy,
            }
            for finding in findings
        ],
    }


def report(options: Options, findings: tuple[Finding, ...], environ: dict[str, str]) -> str:
    """The text to share."""
    paths = load.find_paths(options)
    masks = _Masks()
    lines = [
        f"traycreds {__version__} on Python {platform.python_version()}, {platform.platform()}",
        "Account IDs, user names, email addresses and the home folder are masked; this report has no key and no token.",
        "",
        "Packages: " + ", ".join(_versions()),
        "Desktop: " + (", ".join(f"{name}={environ[name]}" for name in _DESKTOP if name in environ) or "unknown"),
        "Packaged: " + ("yes" if getattr(sys, "frozen", False) else "no"),
        "",
        "Places:",
        *(f"  {name}: {path}{_kind(path)}" for name, path in _places(paths)),
        "",
        "Included:",
        *(f"  {masks.redacted(f'{source}: {state}')}" for source, state in included(options)),
        "",
        "Roles:",
        *(f"  {masks.redacted(line)}" for line in _roles(options, paths)),
        "",
        f"Findings: {len(findings)}",
        *(f"  {masks.redacted(line)}" for finding in findings for line in _sentences(finding)),
        "",
        f"Log, last {_LOG_LINES} lines:",
        *(f"  {masks.redacted(line)}" for line in _log_tail(paths.log_dir / "traycreds.log")),
    ]
    return "\n".join(masks.masked(line) for line in lines) + "\n"


class _Masks:
    """Gives each account its own number, so that a reader can tell them apart."""

    def __init__(self) -> None:
        self._accounts: dict[str, str] = {}
        self._home = _anyhow_spelled(Path.home())
        try:
            self._user = getpass.getuser()
        except (KeyError, OSError, ImportError):
            # The user may have no name, as in some containers.
            self._user = ""

    @staticmethod
    def redacted(line: str) -> str:
        """Without what looks like a secret, should a file name or a log line hold one."""
        return log.redact(line)

    def masked(self, line: str) -> str:
        """Without accounts and people."""
        if self._home is not None:
            line = self._home.sub("~", line)
        line = _PERSON.sub(r"\1[name]", line)
        line = _MAIL.sub("[mail]", line)
        line = _PORTAL.sub("[sign-in page]", line)
        if len(self._user) > 2:  # noqa: PLR2004 - shorter ones would hit the middle of sentences
            line = re.sub(rf"(?<![\w-]){re.escape(self._user)}(?![\w-])", "[user]", line)
        return _ACCOUNT.sub(self._account, line)

    def _account(self, match: re.Match[str]) -> str:
        return self._accounts.setdefault(match[0], f"[account {len(self._accounts) + 1}]")


def _anyhow_spelled(home: Path) -> re.Pattern[str] | None:
    """The home folder however it is written: on Windows in any case, with slashes, or with the doubled ones of JSON."""
    # In some containers the home folder is the root.
    if not home.name:
        return None
    text, end = str(home), r"(?![\w-])"
    if sys.platform != "win32":
        return re.compile(re.escape(text) + end)
    return re.compile(r"[\\/]+".join(map(re.escape, re.split(r"[\\/]", text))) + end, re.IGNORECASE)


def _versions() -> Iterator[str]:
    for name in (*PACKAGES, *PACKAGES_ON[sys.platform]):
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:  # noqa: PERF203 - of another platform, or optional
            yield f"{name} none"


def _places(paths: Paths) -> Iterator[tuple[str, Path]]:
    yield "configuration", paths.config_file
    yield "AWS configuration", paths.aws_config_file
    yield "credentials", paths.credentials_file
    yield "state", paths.state_dir
    yield "log", paths.log_dir
    # On Windows this folder is empty, and only gives its name to a pipe.
    if sys.platform != "win32":
        yield "runtime", paths.runtime_dir


def _kind(path: Path) -> str:
    try:
        status = path.stat()
    except FileNotFoundError:
        return " (missing)" if not path.is_symlink() else " (a broken link)"
    except OSError as error:
        return f" ({os_reason(error)})"
    facts = (
        f"{status.st_size} bytes" if path.is_file() else "",
        "" if sys.platform == "win32" else f"mode {status.st_mode & 0o777:03o}",
        "a link" if path.is_symlink() else "",
    )
    shown = ", ".join(fact for fact in facts if fact)
    return f" ({shown})" if shown else ""


def _roles(options: Options, paths: Paths) -> Iterator[str]:
    try:
        both = loaded_files.load(paths)
        line, views = _role_states(options)
    except TraycredsError as error:
        yield error.sentence
        return
    yield line
    if both.config.discovered:
        yield "(none configured; offered from ~/.aws/config)"
    for role in both.config.roles:
        source = both.aws.profiles.get(role.source_profile or role.from_profile or "")
        traits = (
            f"account {role.account_id}" if role.account_id else "",
            role.token_setting or (f"source of kind {source.kind.value}" if source else "source missing"),
            "from_profile" if role.from_profile else "",
            f"region {role.region}" if role.region else "",
            f"duration {role.duration.total_seconds():.0f} s" if role.duration else "",
            "MFA" if role.mfa_serial else "",
            "external ID" if role.external_id else "",
            "kept" if role.keep else "",
        )
        view = views[role.name]
        yield f"{role.name}: {view.status.value}, {', '.join(trait for trait in traits if trait)}"
        if view.error is not None:
            since = "" if view.failing_since is None else f" since {view.failing_since:%Y-%m-%d %H:%M} UTC"
            yield f"  failing{since}: {view.error} {view.hint or ''}".rstrip()


def _role_states(options: Options) -> tuple[str, dict[RoleName, RoleView]]:
    """The roles' states, and whether from the running app or the files. Raises ConfigError, CredentialsFileError."""
    views = {view.name: view for view in from_files(options).roles}
    try:
        running = running_app.status()
    except TraycredsError as error:
        # No app runs, or it is starting or ending.
        return f"(as the files say: {error.sentence.rstrip('.')})", views
    return "(as the running app says)", {**views, **{view.name: view for view in running.roles}}


def _sentences(finding: Finding) -> tuple[str, str]:
    location = finding.file if finding.line is None else f"{finding.file}, line {finding.line}"
    return f"{finding.severity.value}: {location}: {finding.what}.", f"  {finding.remedy}"


def _log_tail(path: Path) -> list[str]:
    try:
        text = contents.end_of(path, _LOG_BYTES).decode("utf-8", "replace")
        return text.splitlines()[-_LOG_LINES:] or ["(empty)"]
    except OSError:
        return ["(none)"]
