"""Processes that read and write one credentials file at the same time; run as `python -m ... ROLE ARGUMENTS`."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.core.model import Batch, Credentials, ProfileWrite

EXPIRES = datetime.now(timezone.utc) + timedelta(hours=1)


def a_write(profile, generation):
    """A session of which every part names its generation, so that a mixture of two shows."""
    mark = f"{generation:06d}"
    secrets = Credentials(
        access_key_id=f"ASIA{mark}",
        secret_access_key=mark * 6,
        session_token=mark * 60,
        expires_at=EXPIRES + timedelta(seconds=generation),
    )
    return ProfileWrite(profile=profile, role=profile, credentials=secrets)


def fault(text, count):
    """What is wrong with a file of `count` whole profiles p0, p1, ...; None if nothing is."""
    try:
        own = IniText(text).own()
    except ProfileTextError as error:
        return f"torn: {error}"
    missing = [name for name in (f"p{number}" for number in range(count)) if name not in own]
    if missing:
        return f"{len(missing)} missing"
    for number in range(count):
        values = own[f"p{number}"]
        mark = values["aws_access_key_id"].removeprefix("ASIA")
        if values["aws_secret_access_key"] != mark * 6 or values["aws_session_token"] != mark * 60:
            return f"p{number} is a mixture"
    return None


def add(path, lock_dir, name, count):
    """Write `count` profiles one by one."""
    store = CredentialsFile(path, lock_dir=lock_dir)
    store.read()
    for number in range(int(count)):
        report = store.write(Batch(sets=(a_write(f"{name}-{number}", number + 1),)))
        assert not report.refused


def renew(path, lock_dir, count, times, enough):
    """Write all of `count` profiles again and again, at least `times` times and until `enough` exists."""
    store = CredentialsFile(path, lock_dir=lock_dir)
    store.read()
    for generation in itertools.count(2):
        if generation >= int(times) + 2 and enough.exists():
            return
        store.write(Batch(sets=tuple(a_write(f"p{number}", generation) for number in range(int(count)))))
        if store.changed():
            store.read()


def write_on(path, lock_dir, count, first):
    """Write generations from `first` on without end, saying so once the first is on file."""
    store = CredentialsFile(path, lock_dir=lock_dir)
    for generation in range(int(first), int(first) + 100_000):
        store.write(Batch(sets=tuple(a_write(f"p{number}", generation) for number in range(int(count)))))
        if generation == int(first):
            print("!", flush=True)


SYSTEM = {"posix", "nt", "_io", "fcntl", "msvcrt", "_winapi"}
"""The modules of Python in C through which a write reaches the system."""


def write_until(path, lock_dir, generation, count, step):
    """Write `count` profiles, but end as a killed process does just before a call of the system.

    `step` is the call's number, or its name: the first of that name once the temporary file has a name.
    """
    store = CredentialsFile(path, lock_dir=lock_dir)
    store.read()
    calls = []

    def at_call(frame, event, function):
        if event == "c_call" and (function.__module__ or type(function.__self__).__module__) in SYSTEM:
            calls.append(function.__name__)
            if len(calls) == step or ("urandom" in calls and calls[-1] == step):
                sys.setprofile(None)
                # Ends without any clean-up on every system; locks go with the process.
                os._exit(KILLED)

    batch = Batch(sets=tuple(a_write(f"p{number}", int(generation)) for number in range(int(count))))
    sys.setprofile(at_call)
    store.write(batch)
    sys.setprofile(None)


KILLED = 77


def watch(path, count, stop, begun):
    """Read the raw file as fast as can be until `stop` exists; prints what came of it as JSON.

    After 50 reads `begun` exists.

    Windows refuses to open a file at the moment of its rename, as anyone who renames has it open for that (Raymond
    Chen, "Renaming a file is a multi-step process", 2021-10-22): `refused` in a row for `longest` seconds.
    """
    reads, refused, faults, longest = 0, 0, [], 0.0
    good = time.perf_counter()
    while not stop.exists():
        try:
            text = path.read_text()
        except FileNotFoundError:
            faults.append("file missing")
            continue
        except PermissionError:
            refused += 1
            longest = max(longest, time.perf_counter() - good)
            continue
        good = time.perf_counter()
        reads += 1
        if reads == 50:
            begun.touch()
        if found := fault(text, int(count)):
            faults.append(found)
    print(json.dumps({"reads": reads, "refused": refused, "longest": longest, "faults": faults[:3]}))


def aws_configure(path, stop, begun):
    """What `aws configure set region ... --profile scratch` does, in a loop, by awscli's own writer.

    After 4 turns `begun` exists.
    """
    from awscli.customizations.configure.writer import ConfigFileWriter

    turns = 0
    while not stop.exists():
        # Windows refuses to open a file at the moment of its rename.
        with contextlib.suppress(PermissionError):
            ConfigFileWriter().update_config({"__section__": "scratch", "region": f"eu-{turns + 1}"}, str(path))
            turns += 1
            if turns == 4:
                begun.touch()
        # The command itself takes four times as long.
        time.sleep(0.1)


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    actors = {each.__name__: each for each in (add, renew, write_on, write_until, watch, aws_configure)}
    actors[role](*(Path(each) if os.sep in each else each for each in arguments))
