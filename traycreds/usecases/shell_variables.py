"""A session as environment variables, and the lines that set them in each shell. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from traycreds.core.errors import UsageError
from traycreds.core.model import Credentials, Role
from traycreds.core.text import rfc_3339
from traycreds.state.paths import CREDENTIALS_FILE, KEPT, file_name

REMOVED = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN", "AWS_ACCESS_KEY", "AWS_SECRET_KEY")
"""What would win over the variables that are set: JS and Go prefer a profile, botocore reads the old token first, and
version 1 of the SDK for Java the old name of the secret key."""
_ACCOUNT = "AWS_ACCOUNT_ID"
"""By which SDKs choose the endpoint of an account (AWS SDKs and Tools Reference Guide, account-based endpoints)."""


ROLE = "TRAYCREDS_ROLE"
"""Names the role in the environment of every program that `exec` runs, for prompts that the user makes himself."""
_BEFORE_ENDPOINT = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)
"""What SDKs take before an endpoint of the environment, or in its place."""
_OF_OTHER_TOOLS = (
    "AWS_VAULT",
    "AWS_SSO_PROFILE",
    "AWS_SESSION_EXPIRATION",
    "AWSUME_PROFILE",
    "AWSUME_EXPIRATION",
    "AWSU_PROFILE",
)
"""What tools that hand on sessions set beside them, for prompts such as starship's, which show it as the identity."""
_CALLER = (
    *REMOVED,
    *_BEFORE_ENDPOINT,
    *_OF_OTHER_TOOLS,
    _ACCOUNT,
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AMAZON_ACCESS_KEY_ID",
    "AMAZON_SECRET_ACCESS_KEY",
    "AMAZON_SESSION_TOKEN",
)
"""Variables that identify the caller: a child must be the role only."""


def variables(role: Role, credentials: Credentials) -> dict[str, str]:
    """The environment of a session; the region only if the role has one."""
    return {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
        "AWS_CREDENTIAL_EXPIRATION": rfc_3339(credentials.expires_at),
        **_account(credentials.account_id or role.account_id),
        **_region(role),
    }


def _region(role: Role) -> dict[str, str]:
    return {} if role.region is None else {"AWS_REGION": role.region, "AWS_DEFAULT_REGION": role.region}


def _account(account_id: str | None) -> dict[str, str]:
    return {} if account_id is None else {_ACCOUNT: account_id}


def child_environment(role: Role, credentials: Credentials, parent: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child, based on `parent`."""
    kept = {name: value for name, value in parent.items() if name not in _CALLER}
    return {**kept, **variables(role, credentials)}


def served_environment(
    role: Role, parent: Mapping[str, str], *, url: str, token: str, credentials_file: str
) -> dict[str, str]:
    """The environment of a child whose SDK gets the session from an endpoint.

    `credentials_file` is an empty one: SDKs prefer the user's `[default]`, which changes with the default role.
    """
    kept = {name: value for name, value in parent.items() if name not in _CALLER}
    return {
        **kept,
        **_account(role.account_id),
        **_region(role),
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": url,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        KEPT: parent.get(CREDENTIALS_FILE, ""),
        CREDENTIALS_FILE: credentials_file,
    }


def script(shell: str, values: Mapping[str, str]) -> str:
    """The text that sets the variables and unsets what would win over them. Raises UsageError: no shell or quoting."""
    if shell == "json":
        return json.dumps(dict(values), indent=2)
    if shell == "dotenv":
        return "\n".join(_dotenv(name, value) for name, value in values.items())
    _check(shell)
    setting, removing = _LINES[shell]
    removed = [name for name in (*REMOVED, _ACCOUNT) if name not in values]
    return "\n".join([*(setting(name, value) for name, value in values.items()), *map(removing, removed)])


def shell_of(environ: Mapping[str, str], *, windows: bool, given: str | None = None) -> str:
    """The shell that reads the output: the given one, else that of SHELL. Raises UsageError: not supported."""
    if given is not None:
        _check(given)
        return given
    name = file_name(environ.get("SHELL", "")).removesuffix(".exe")
    if name in {"", "sh", "dash", "ash", "ksh", "mksh"}:
        return "powershell" if windows and not name else "bash"
    name = {"pwsh": "powershell", "nu": "nushell"}.get(name, name)
    _check(name)
    return name


def _check(shell: str) -> None:
    if shell not in SHELLS and shell not in FORMATS:
        raise UsageError(
            f"traycreds does not support the shell {shell}.", f"Set --shell to one of {', '.join(SHELLS)}."
        )


def _posix(name: str, value: str) -> str:
    quoted = value.replace("'", "'\\''")
    return f"export {name}='{quoted}'"


def _fish(name: str, value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{quoted}'"


_POWERSHELL_QUOTES = str.maketrans({quote: quote * 2 for quote in "'\u2018\u2019\u201a\u201b"})
"""PowerShell takes typographic quotes for quotes too (about_Quoting_Rules)."""


def _nushell(name: str, value: str) -> str:
    """Its strings in double quotes know JSON's escapes, but write a code point in braces (its book, Strings)."""
    quoted = re.sub(r"\\u([0-9a-f]{4})", r"\\u{\1}", json.dumps(value, ensure_ascii=False))
    return f"$env.{name} = {quoted}"


def _dotenv(name: str, value: str) -> str:
    """Without quotes, since Docker's --env-file reads them as part of the value; AWS's values need none."""
    if not _PLAIN.fullmatch(value):
        raise UsageError(f"The value of {name} cannot be written to a .env file.", "Use --format json.")
    return f"{name}={value}"


_PLAIN = re.compile(r"[A-Za-z0-9+/=_.:-]+")


def _powershell(name: str, value: str) -> str:
    return f"$Env:{name} = '{value.translate(_POWERSHELL_QUOTES)}'"


def _cmd(name: str, value: str) -> str:
    """These cannot be quoted at the prompt or in a batch file; AWS's values have none of them."""
    if any(sign in value for sign in '"%!^\r\n'):
        raise UsageError(f"The value of {name} cannot be set in cmd.", "Use --shell powershell.")
    return f'set "{name}={value}"'


_LINES: Mapping[str, tuple[Callable[[str, str], str], Callable[[str], str]]] = {
    "bash": (_posix, lambda name: f"unset {name}"),
    "zsh": (_posix, lambda name: f"unset {name}"),
    "fish": (_fish, lambda name: f"set -e {name}"),
    "powershell": (_powershell, lambda name: f"Remove-Item Env:{name} -ErrorAction SilentlyContinue"),
    "nushell": (_nushell, lambda name: f"hide-env --ignore-errors {name}"),
    "xonsh": (lambda name, value: f"${name} = {value!r}", lambda name: f"${{...}}.pop('{name}', None)"),
    "cmd": (_cmd, lambda name: f'set "{name}="'),
}
SHELLS = tuple(_LINES)
FORMATS = {"json", "dotenv"}
