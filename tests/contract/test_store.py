"""The contract of the credential store, for the real file and for the fake."""

from __future__ import annotations

import os

import pytest

pytest.register_assert_rewrite("tests.contract.store_contract")

from tests.contract.store_contract import *
from tests.support.builders import NOW
from tests.support.fakes.store import MemoryStore
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.core.errors import CredentialsFileError


class MemoryWorld:
    def __init__(self, tmp_path):
        self.store = MemoryStore()

    def restarted(self):
        return self.store

    def add_foreign(self, name):
        self.store.edit_outside(foreign=[name])

    def lose(self, name):
        self.store.edit_outside(lost=[name])

    def break_it(self):
        self.store.failure = CredentialsFileError("It is broken.", "Fix it.")

    def content(self):
        return dict(self.store.sessions), list(self.store.foreign)


class FileWorld:
    def __init__(self, tmp_path):
        self.path = tmp_path / "aws" / "credentials"
        self._lock_dir = tmp_path / "state"
        self.store = self.restarted()

    def restarted(self):
        return CredentialsFile(self.path, lock_dir=self._lock_dir, now=lambda: NOW, sleep=lambda seconds: None)

    def add_foreign(self, name):
        self._edit(lambda text: f"{text}[{name}]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = static\n")

    def lose(self, name):
        def without(text):
            head, _, tail = text.partition(f"[{name}]\n")
            return head + tail[tail.find("[") :] if "[" in tail else head

        self._edit(without)

    def break_it(self):
        self._edit(lambda text: text + "[dev]\n")

    def content(self):
        return self.path.read_bytes() if self.path.exists() else None

    def _edit(self, edit):
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(edit(self.path.read_text() if self.path.exists() else ""))
        # A file that has just changed may still be in the middle of a write.
        os.utime(self.path, ns=(10**18, 10**18))


@pytest.fixture(params=[MemoryWorld, FileWorld], ids=["memory", "file"])
def world(request, tmp_path):
    return request.param(tmp_path)
