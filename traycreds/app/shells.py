"""A session as environment variables, and the lines that set them in each shell. Pure."""

from __future__ import annotations

import json
import os.path
from collections.abc import Callable, Mapping, MutableMapping

from traycreds.core.errors import UsageError
from traycreds.core.model import Credentials, Role

REMOVED = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN")
"""What would win over the variables that are set: JS and Go prefer a profile, botocore reads the old token first."""


HIDDEN = "hidden-by-traycreds-exec"
"""The name of the file that AWS tools of a served program find in place of the credentials file."""
KEPT = "TRAYCREDS_CREDENTIALS_FILE"
"""What AWS_SHARED_CREDENTIALS_FILE was before, for traycreds itself; empty if it was not set."""
_CREDENTIALS_FILE = "AWS_SHARED_CREDENTIALS_FILE"
_BEFORE_ENDPOINT = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)
"""What SDKs take before an endpoint of the environment, or in its place."""


def variables(role: Role, credentials: Credentials) -> dict[str, str]:
    """The environment of a session; the region only where the role names one."""
    return {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
        "AWS_CREDENTIAL_EXPIRATION": credentials.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **_region(role),
    }


def _region(role: Role) -> dict[str, str]:
    return {} if role.region is None else {"AWS_REGION": role.region, "AWS_DEFAULT_REGION": role.region}


def child_environment(role: Role, credentials: Credentials, parent: Mapping[str, str]) -> dict[str, str]:
    """What a child of a process with the environment `parent` gets."""
    kept = {name: value for name, value in parent.items() if name not in REMOVED}
    return {**kept, **variables(role, credentials)}


def served_environment(
    role: Role, parent: Mapping[str, str], *, url: str, token: str, credentials_file: str
) -> dict[str, str]:
    """What a child gets whose SDK is to fetch the session from an endpoint.

    Args:
        role: the role.
        parent: the environment to start from.
        url: of the endpoint.
        token: that it wants to see.
        credentials_file: an empty one in place of the user's, whose `[default]` SDKs would take first; it is rewritten
            when another role becomes the default, and then the child would go on as that one.
    """
    kept = {name: value for name, value in parent.items() if name not in {*REMOVED, *_BEFORE_ENDPOINT}}
    return {
        **kept,
        **_region(role),
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": url,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        KEPT: parent.get(_CREDENTIALS_FILE, ""),
        _CREDENTIALS_FILE: credentials_file,
    }


def step_out(environ: MutableMapping[str, str]) -> None:
    """Give a traycreds that runs below `exec --server` the user's own credentials file back."""
    kept = environ.pop(KEPT, "")
    if os.path.basename(environ.get(_CREDENTIALS_FILE, "")) != HIDDEN:  # noqa: PTH119 - a name, not a path
        return
    del environ[_CREDENTIALS_FILE]
    if kept:
        environ[_CREDENTIALS_FILE] = kept


def script(shell: str, values: Mapping[str, str]) -> str:
    """The text that sets the variables and takes away what would win over them.

    Raises:
        UsageError: no such shell, or a value that the shell has no way to quote.
    """
    if shell == "json":
        return json.dumps(dict(values), indent=2)
    _check(shell)
    setting, removing = _LINES[shell]
    return "\n".join([*(setting(name, value) for name, value in values.items()), *map(removing, REMOVED)])


def shell_of(environ: Mapping[str, str], *, windows: bool, given: str | None = None) -> str:
    """The shell that reads the output: the given one, else what SHELL says.

    Raises:
        UsageError: it is one that has no output here.
    """
    if given is not None:
        _check(given)
        return given
    name = os.path.basename(environ.get("SHELL", "")).removesuffix(".exe")  # noqa: PTH119 - a name, not a path
    if name in {"", "sh", "dash", "ash", "ksh", "mksh"}:
        return "powershell" if windows and not name else "bash"
    name = "powershell" if name == "pwsh" else name
    _check(name)
    return name


def _check(shell: str) -> None:
    if shell not in SHELLS:
        raise UsageError(f"There is no output for the shell {shell}.", f"Give --shell one of {', '.join(SHELLS)}.")


def _posix(name: str, value: str) -> str:
    quoted = value.replace("'", "'\\''")
    return f"export {name}='{quoted}'"


def _fish(name: str, value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{quoted}'"


_POWERSHELL_QUOTES = str.maketrans({quote: quote * 2 for quote in "'\u2018\u2019\u201a\u201b"})
"""PowerShell takes typographic quotes for quotes too (about_Quoting_Rules)."""


def _powershell(name: str, value: str) -> str:
    return f"$Env:{name} = '{value.translate(_POWERSHELL_QUOTES)}'"


def _cmd(name: str, value: str) -> str:
    """Nothing but these can be quoted neither at the prompt nor in a batch file; AWS's values hold none of them."""
    if any(sign in value for sign in '"%!^\r\n'):
        raise UsageError(f"The value of {name} cannot be set in cmd.", "Use --shell powershell.")
    return f'set "{name}={value}"'


_LINES: Mapping[str, tuple[Callable[[str, str], str], Callable[[str], str]]] = {
    "bash": (_posix, lambda name: f"unset {name}"),
    "zsh": (_posix, lambda name: f"unset {name}"),
    "fish": (_fish, lambda name: f"set -e {name}"),
    "powershell": (_powershell, lambda name: f"Remove-Item Env:{name} -ErrorAction SilentlyContinue"),
    "cmd": (_cmd, lambda name: f'set "{name}="'),
}
SHELLS = (*_LINES, "json")
