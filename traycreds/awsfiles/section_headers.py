"""Valid headers of ~/.aws/config, and what an invalid one was meant to be."""

from __future__ import annotations

import re
import shlex

from traycreds.core.model import DEFAULT_PROFILE
from traycreds.core.names import SAFE_NAME, safe_name

KINDS = ("profile", "sso-session", "services")
"""The first words of headers, except [default]."""


def header(kind: str, name: str) -> str:
    """A name between brackets, in quotes if botocore would split or misread it."""
    if re.fullmatch(r"[^\s\"'\\]+", name):
        return f"{kind} {name}"
    if "'" not in name and ('"' in name or "\\" in name):
        return f"{kind} '{name}'"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{kind} "{escaped}"'


def header_remedy(section: str) -> str:
    """What to write instead of a header that no AWS tool knows."""
    kind, name = _meant(section)
    if not kind:
        return f"Write [{name}]."
    if not name:
        return f"Add a name, like [{kind} dev], or remove the section."
    if SAFE_NAME.fullmatch(name):
        return f"Write [{header(kind, name)}]."
    return f"Write [{header(kind, safe_name(name))}], or [{header(kind, name)}], which some SDKs lose."


def _meant(section: str) -> tuple[str, str]:
    text = section.strip()
    if text.lower() == DEFAULT_PROFILE:
        return "", DEFAULT_PROFILE
    if text in KINDS:
        return text, ""
    first, _, rest = text.partition(" ")
    if rest.strip():
        from traycreds.core import close_matches

        kind = close_matches.closest(first.lower(), KINDS, likeness=0.75)
        return (kind, _unquoted(rest)) if kind else ("profile", text)
    glued = next((kind for kind in KINDS if text.startswith(kind) and len(text) > len(kind)), None)
    # A profile may well have a name that begins with `services`.
    if glued is not None and not text.startswith("services"):
        return glued, text.removeprefix(glued).lstrip("-_.: \t")
    return "profile", text


def _unquoted(name: str) -> str:
    try:
        words = shlex.split(name)
    except ValueError:
        return name.strip()
    return (words[0] if len(words) == 1 else name).strip()
