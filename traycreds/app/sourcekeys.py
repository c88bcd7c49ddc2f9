"""Moves a profile's static keys from the credentials file into the keyring and back, and hands them to AWS tools.

In the file a `credential_process` stands in their place, so that every tool, and every role of ours, goes on using the
profile. Owns that line and the keyring's entry. Never lets the file go of keys that the keyring does not give back,
and makes no backup, which would keep them in the clear.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traycreds.adapters.vault import Vault
from traycreds.core.errors import UsageError

if TYPE_CHECKING:
    from traycreds.app.options import Options
    from traycreds.core.initext import IniText

COMMAND = "keys"
"""The word by which the program is asked for the keys, as `__main__` reads it."""
_ID, _SECRET, _PROCESS = "aws_access_key_id", "aws_secret_access_key", "credential_process"
_TOKENS = frozenset({"aws_session_token", "aws_security_token"})
_OURS = re.compile(rf".*traycreds.* {COMMAND} (?P<profile>[!-~]+)")
_NO_KEYRING = "Unlock it or install one that encrypts, such as GNOME Keyring or KWallet, and run this again."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the keyring holds of a profile.

    Attributes:
        access_key_id: the key.
        secret_access_key: its secret.
        lines: the profile's lines as they stood in the file, to be put back byte for byte.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    lines: str = field(repr=False)


def move(options: Options, profile: str) -> Path:
    """Move the keys of a profile into the keyring; returns the file that they stood in.

    Raises:
        UsageError: no keyring keeps them, or the profile has none that can be moved; nothing was changed.
        CredentialsFileError: the file cannot be written; it is as it was.
    """
    from traycreds.adapters import sections  # noqa: PLC0415 - the question for keys needs none of these
    from traycreds.adapters.clock import SystemClock  # noqa: PLC0415
    from traycreds.app import setup  # noqa: PLC0415
    from traycreds.app.liveprofile import command_line  # noqa: PLC0415
    from traycreds.app.program import program  # noqa: PLC0415
    from traycreds.core import profiles  # noqa: PLC0415
    from traycreds.core.initext import IniText, ProfileTextError  # noqa: PLC0415

    where = setup.find_places(options)
    vault = Vault()
    command = command_line((*program(), COMMAND, profile), windows=sys.platform == "win32")

    def moved(text: IniText) -> IniText:
        own = text.own().get(profile)
        if own is None:
            raise UsageError(f"There is no profile {profile} in {where.credentials_file}.", "Look at its spelling.")
        if sections.MARKER in own or _TOKENS & own.keys():
            raise UsageError(f"Profile {profile} holds a session.", "Only long-term keys go into the keyring.")
        there = _entry(own.get(_PROCESS))
        if not (own.get(_ID) and own.get(_SECRET)):
            if there is not None:
                return _with_command(text, profile, command, there, vault)
            sentence = f"Profile {profile} has no static keys in {where.credentials_file}."
            raise UsageError(sentence, "Name a profile that has.")
        if _PROCESS in own and there != profile:
            sentence = f"Profile {profile} has a credential_process of its own."
            raise UsageError(sentence, "Take it out, or name another profile.")
        try:
            block = IniText(profiles.block(text, profile))
            if there is not None:  # new keys were put in since: the line that asks for the old ones is ours
                block = profiles.swap(block, profile, (_PROCESS,), {})
            gone, come = (_ID, _SECRET, _PROCESS), {_PROCESS: command}
            new = profiles.swap(text, profile, gone, come)
        except ProfileTextError as error:
            sentence = f"The keys of profile {profile} cannot be moved, since {error.cause}."
            raise UsageError(sentence, "The file is as it was.") from error
        kept = _Kept(access_key_id=own[_ID], secret_access_key=own[_SECRET], lines=block.text)
        _keep(vault, profile, kept, renews=there is not None)
        return new

    setup.open_store(where, SystemClock()).revise(moved)
    return where.credentials_file


def put_back(options: Options, profile: str) -> tuple[Path, bool]:
    """Put the keys of a profile back into the file, and out of the keyring.

    Returns:
        The file, and whether the keyring has forgotten them.

    Raises:
        UsageError: they are not in the keyring, or it does not answer; nothing was changed.
        CredentialsFileError: the file cannot be written; it is as it was, and so is the keyring.
    """
    from traycreds.adapters.clock import SystemClock  # noqa: PLC0415 - as above
    from traycreds.app import setup  # noqa: PLC0415
    from traycreds.core.initext import ProfileTextError  # noqa: PLC0415

    where = setup.find_places(options)
    vault = Vault()
    entries: list[str] = []

    def restored(text: IniText) -> IniText:
        own = text.own().get(profile, {})
        entry = _entry(own.get(_PROCESS))
        if entry is None:
            sentence = f"Profile {profile} of {where.credentials_file} has no keys in the keyring."
            raise UsageError(sentence, "Name one whose credential_process is traycreds keys.")
        if _ID in own or _SECRET in own:
            raise UsageError(f"Profile {profile} has other keys in {where.credentials_file}.", "Take out one of them.")
        kept = _load(vault, entry)
        if kept is None:
            raise _nothing_kept(entry)
        entries.append(entry)
        try:
            return _with_keys(text, profile, kept)
        except ProfileTextError as error:
            sentence = f"The keys of profile {profile} cannot be put back, since {error.cause}."
            raise UsageError(sentence, "The file is as it was.") from error

    setup.open_store(where, SystemClock()).revise(restored)
    vault.delete(_name(entries[-1]))
    return where.credentials_file, vault.load(_name(entries[-1])) is None


def answer(profile: str) -> dict[str, Any]:
    """What `credential_process` prints of kept keys (AWS SDKs and Tools Reference Guide, version 1).

    Raises:
        UsageError: the keyring holds none, or does not answer.
    """
    kept = _load(Vault(), profile)
    if kept is None:
        raise _nothing_kept(profile)
    return {"Version": 1, "AccessKeyId": kept.access_key_id, "SecretAccessKey": kept.secret_access_key}


def are_kept(settings: Mapping[str, str]) -> bool:
    """Whether a profile asks us for its keys; the keyring itself is not asked."""
    return _entry(settings.get(_PROCESS)) is not None


def _with_command(text: IniText, profile: str, command: str, there: str, vault: Vault) -> IniText:
    """The text of a profile that was moved before, with the place where this program is now.

    Raises:
        UsageError: that is what it says already, or the keyring has nothing for it.
    """
    from traycreds.core import profiles  # noqa: PLC0415 - as above

    if _load(vault, there) is None:
        raise _nothing_kept(there)
    if there != profile or text.own()[profile][_PROCESS] == command:
        raise UsageError(f"The keys of profile {profile} are in the keyring already.", "There is nothing to do.")
    return profiles.swap(text, profile, (_PROCESS,), {_PROCESS: command})


def _with_keys(text: IniText, profile: str, kept: _Kept) -> IniText:
    """The text with the keys in it: the lines as they were, if nobody has touched the others of the profile since."""
    from traycreds.core import profiles  # noqa: PLC0415 - as above
    from traycreds.core.initext import IniText  # noqa: PLC0415

    own = text.own()[profile]
    before = IniText(kept.lines)
    last = text.sections[profile].last_row == len(text.lines) - 1
    if profile in before.sections and (last or kept.lines.endswith(("\n", "\r"))):
        as_moved = profiles.swap(before, profile, (_ID, _SECRET), {_PROCESS: own[_PROCESS]})
        if as_moved.text == profiles.block(text, profile):
            return profiles.put_block(text, profile, kept.lines)
    keys = {_ID: kept.access_key_id, _SECRET: kept.secret_access_key}
    return profiles.swap(text, profile, (_PROCESS,), keys)


def _keep(vault: Vault, profile: str, kept: _Kept, *, renews: bool) -> None:
    """Put the keys into the keyring, and believe only what it gives back.

    Raises:
        UsageError: it did not keep them, or holds others of that name that would be lost.
    """
    there = _load(vault, profile)
    if there is not None and there.access_key_id != kept.access_key_id and not renews:
        sentence = f"The keyring holds other keys of a profile {profile}, from another file."
        raise UsageError(sentence, "Put those back first, or give one of the two profiles another name.")
    if not vault.save(_name(profile), json.dumps(asdict(kept))) or _load(vault, profile) != kept:
        raise UsageError("There is no keyring that keeps the keys, so they stay in the file.", _NO_KEYRING)


def _load(vault: Vault, profile: str) -> _Kept | None:
    text = vault.load(_name(profile))
    try:
        return None if text is None else _Kept(**json.loads(text))
    except (ValueError, TypeError):
        return None


def _name(profile: str) -> str:
    return f"keys of profile {profile}"


def _entry(process: str | None) -> str | None:
    """The profile whose keys a credential_process asks us for; a renamed section keeps asking for the old name."""
    found = _OURS.fullmatch(process or "")
    return found["profile"] if found else None


def _nothing_kept(profile: str) -> UsageError:
    return UsageError(
        f"The keyring gives no keys of profile {profile}.", "Unlock it, and see that it is the same user."
    )
