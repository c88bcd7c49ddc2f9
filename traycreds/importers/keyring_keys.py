"""Moves a profile's long-term keys from the credentials file into the keyring and back.

A `credential_process` takes their place, so all tools can still use the profile. Removes no key that the keyring does
not give back, and makes no backup, which would keep them in plain text.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from traycreds.awsfiles import credentials_file, ini_edit, ownership
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.core.errors import UsageError
from traycreds.core.value_class import as_dict
from traycreds.engine.clock import SystemClock
from traycreds.importers import stored_keys
from traycreds.importers.live_profile import command_line
from traycreds.importers.stored_keys import StoredKeys
from traycreds.process.own_program import program
from traycreds.state.keyring_store import KeyringStore
from traycreds.state.paths import Paths
from traycreds.usecases import load
from traycreds.usecases.options import Options

_ID, _SECRET, _PROCESS = "aws_access_key_id", "aws_secret_access_key", "credential_process"
_TOKENS = frozenset({"aws_session_token", "aws_security_token"})
_NO_KEYRING = "Unlock it or install one that encrypts, such as GNOME Keyring or KWallet, and run this again."


def move(options: Options, profile: str) -> Path:
    """Move a profile's keys into the keyring; return their file.

    Raises UsageError: no keyring, or no keys to move. Raises CredentialsFileError: the file is unchanged.
    """
    paths = load.find_paths(options)
    keyring = KeyringStore()
    command = command_line((*program(), stored_keys.COMMAND, profile), windows=sys.platform == "win32")

    def moved(text: IniText) -> IniText:
        own = text.own().get(profile)
        if own is None:
            raise UsageError(f"There is no profile {profile} in {paths.credentials_file}.", "Check its spelling.")
        if ownership.MARKER in own or _TOKENS & own.keys():
            raise UsageError(f"Profile {profile} holds a session.", "Only long-term keys go into the keyring.")
        there = stored_keys.entry_of(own.get(_PROCESS))
        if not (own.get(_ID) and own.get(_SECRET)):
            if there is not None:
                return _with_command(text, profile, command, there, keyring)
            sentence = f"Profile {profile} has no long-term keys in {paths.credentials_file}."
            raise UsageError(sentence, "Choose a profile that has them.")
        if _PROCESS in own and there != profile:
            sentence = f"Profile {profile} already has a credential_process."
            raise UsageError(sentence, "Remove it, or name another profile.")
        try:
            block = IniText(ini_edit.block(text, profile))
            # New keys were added since, so the line that asks for the old ones is ours.
            if there is not None:
                block = ini_edit.swap(block, profile, (_PROCESS,), {})
            gone, come = (_ID, _SECRET, _PROCESS), {_PROCESS: command}
            new = ini_edit.swap(text, profile, gone, come)
        except ProfileTextError as error:
            sentence = f"The keys of profile {profile} cannot be moved because {error.cause}."
            raise UsageError(sentence, "Fix that, then try again. The file is unchanged.") from error
        stored = StoredKeys(access_key_id=own[_ID], secret_access_key=own[_SECRET], lines=block.text)
        _keep(keyring, profile, stored, renews=there is not None)
        return new

    _revise(paths, moved)
    return paths.credentials_file


def put_back(options: Options, profile: str) -> tuple[Path, bool]:
    """Put a profile's keys back into the file; return it, and whether the keyring deleted them.

    Raises UsageError: the keyring does not give them. Raises CredentialsFileError: file and keyring are unchanged.
    """
    paths = load.find_paths(options)
    keyring = KeyringStore()
    entries: list[str] = []

    def restored(text: IniText) -> IniText:
        own = text.own().get(profile, {})
        entry = stored_keys.entry_of(own.get(_PROCESS))
        if entry is None:
            sentence = f"Profile {profile} of {paths.credentials_file} has no keys in the keyring."
            raise UsageError(sentence, "Choose one whose credential_process is traycreds keys.")
        if _ID in own or _SECRET in own:
            raise UsageError(f"Profile {profile} has other keys in {paths.credentials_file}.", "Remove one of them.")
        stored = stored_keys.load(keyring, entry)
        if stored is None:
            raise stored_keys.nothing_stored(entry)
        entries.append(entry)
        try:
            return _with_keys(text, profile, stored)
        except ProfileTextError as error:
            sentence = f"The keys of profile {profile} cannot be put back because {error.cause}."
            raise UsageError(sentence, "Fix that, then try again. The file is unchanged.") from error

    _revise(paths, restored)
    keyring.delete(stored_keys.entry_name(entries[-1]))
    return paths.credentials_file, keyring.load(stored_keys.entry_name(entries[-1])) is None


def _revise(paths: Paths, edited: Callable[[IniText], IniText]) -> None:
    store = credentials_file.open_at(paths, SystemClock())
    store.revise(edited)
    credentials_file.end_work(store)


def _with_command(text: IniText, profile: str, command: str, there: str, keyring: KeyringStore) -> IniText:
    """The text with this program's current path in the profile. Raises UsageError: already there, or no keys stored."""
    if stored_keys.load(keyring, there) is None:
        raise stored_keys.nothing_stored(there)
    if there != profile or text.own()[profile][_PROCESS] == command:
        raise UsageError(f"The keys of profile {profile} are already in the keyring.", "Nothing to do.")
    return ini_edit.swap(text, profile, (_PROCESS,), {_PROCESS: command})


def _with_keys(text: IniText, profile: str, stored: StoredKeys) -> IniText:
    own = text.own()[profile]
    before = IniText(stored.lines)
    last = text.sections[profile].last_row == len(text.lines) - 1
    if profile in before.sections and (last or stored.lines.endswith(("\n", "\r"))):
        as_moved = ini_edit.swap(before, profile, (_ID, _SECRET), {_PROCESS: own[_PROCESS]})
        if as_moved.text == ini_edit.block(text, profile):
            return ini_edit.put_blocks(text, {profile: stored.lines})
    keys = {_ID: stored.access_key_id, _SECRET: stored.secret_access_key}
    return ini_edit.swap(text, profile, (_PROCESS,), keys)


def _keep(keyring: KeyringStore, profile: str, stored: StoredKeys, *, renews: bool) -> None:
    """Store the keys and read them back. Raises UsageError: not stored, or others of that name would be lost."""
    there = stored_keys.load(keyring, profile)
    if there is not None and there.access_key_id != stored.access_key_id and not renews:
        sentence = f"The keyring already holds keys of a profile {profile} from another file."
        raise UsageError(sentence, "Put those back first, or give one of the two profiles another name.")
    if (
        not keyring.save(stored_keys.entry_name(profile), json.dumps(as_dict(stored)))
        or stored_keys.load(keyring, profile) != stored
    ):
        raise UsageError("No keyring here can store the keys, so they stay in the file.", _NO_KEYRING)
