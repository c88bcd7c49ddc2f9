from __future__ import annotations

import sys
import threading

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from tests.support.wait_until import until
from tests.windows.mark import windows_only
from traycreds.state.keyring_store import MOST_CHUNKS, SERVICE, KeyringStore

NAME = "mfa AKIAEXAMPLE arn:aws:iam::123456789012:mfa/phone"


class WindowsLike(KeyringBackend):
    """Holds what Windows would hold: entries of at most 2560 bytes of UTF-16."""

    priority = 5

    def __init__(self):
        self.entries = {}

    def get_password(self, service, username):
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        assert len(password.encode("utf-16-le")) <= 2560, "The stub received bad data"
        self.entries[service, username] = password

    def delete_password(self, service, username):
        if (service, username) not in self.entries:
            raise PasswordDeleteError
        del self.entries[service, username]


@pytest.fixture
def use(monkeypatch):
    """Make a backend the user's keyring."""

    def put(backend):
        monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
        return backend

    return put


def test_long_texts_come_back_from_small_entries(use):
    backend, text = use(WindowsLike()), "x" * 999 + "y" * 999 + "z" * 1500
    keyring_store = KeyringStore()
    assert keyring_store.load(NAME) is None
    assert keyring_store.save(NAME, text)
    assert KeyringStore().load(NAME) == text
    assert len(backend.entries) == 5
    assert {service for service, _ in backend.entries} == {SERVICE}


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=3000), st.text(max_size=20))
def test_what_was_saved_last_is_loaded(first, second):
    backend = WindowsLike()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyring, "get_keyring", lambda: backend)
        keyring_store = KeyringStore()
        for text in (first, second, first):
            assert keyring_store.save(NAME, text)
            assert keyring_store.load(NAME) == text


def test_delete_takes_all_entries(use):
    backend, keyring_store = use(WindowsLike()), KeyringStore()
    keyring_store.save(NAME, "x" * 2500)
    keyring_store.save("other", "y")
    keyring_store.delete(NAME)
    keyring_store.delete(NAME)
    assert keyring_store.load(NAME) is None
    assert keyring_store.load("other") == "y"
    assert len(backend.entries) == 2


def test_nothing_of_a_longer_text_is_left_behind_by_a_shorter_one(use):
    backend, keyring_store = use(WindowsLike()), KeyringStore()
    keyring_store.save(NAME, "secret" * 500)
    keyring_store.save(NAME, "short")
    assert keyring_store.load(NAME) == "short"
    assert len(backend.entries) == 2
    assert not any("secret" in text for text in backend.entries.values())


@windows_only
def test_windows_own_keyring(use):
    """Of the drive that the tests run on; what is put there is taken away again."""
    from keyring.backends.Windows import WinVaultKeyring

    # The library would also find the classes of this file, so name the one to use.
    backend = use(WinVaultKeyring())
    keyring_store, other = KeyringStore(patience=20), f"{NAME} other"
    try:
        for name, text in ((NAME, "x" * 3500), (other, "y" * 1500), (NAME, "é€")):
            assert keyring_store.save(name, text)
            assert keyring_store.load(name) == text
        assert keyring_store.load(other) == "y" * 1500
    finally:
        keyring_store.delete(NAME)
        keyring_store.delete(other)
    assert (keyring_store.load(NAME), keyring_store.load(other)) == (None, None)
    assert all(backend.get_password(SERVICE, f"{NAME} {index}") is None for index in range(1, 5))


@pytest.mark.parametrize("spoil", ["", "no number", "2", "2 0123456789abcdef", "99999 0", "¹ 0"])
def test_a_damaged_or_incomplete_entry_is_ignored(use, spoil):
    backend, keyring_store = use(WindowsLike()), KeyringStore()
    keyring_store.save(NAME, "x" * 1500)
    backend.entries[SERVICE, NAME] = spoil
    assert keyring_store.load(NAME) is None


def test_a_lost_part_is_none(use):
    backend, keyring_store = use(WindowsLike()), KeyringStore()
    keyring_store.save(NAME, "x" * 1500)
    del backend.entries[SERVICE, f"{NAME} 2"]
    assert keyring_store.load(NAME) is None


def test_too_long_is_not_kept(use):
    backend = use(WindowsLike())
    assert not KeyringStore().save(NAME, "x" * 1000 * (MOST_CHUNKS + 1))
    assert not backend.entries


@pytest.mark.parametrize(
    "backend", [keyring.backends.fail.Keyring(), keyring.backends.null.Keyring()], ids=["fail", "null"]
)
def test_no_keyring_keeps_nothing(use, backend, caplog):
    caplog.set_level("INFO", "traycreds")
    use(backend)
    keyring_store = KeyringStore()
    assert keyring_store.save(NAME, "x") is False
    assert keyring_store.load(NAME) is None
    assert caplog.text.count("no keyring") == 1, "said once"


def test_no_library_keeps_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert KeyringStore().save(NAME, "x") is False
    assert KeyringStore().load(NAME) is None


def test_a_locked_keyring_keeps_nothing_and_says_no_secret(use, caplog):
    caplog.set_level("INFO", "traycreds")

    class Locked(WindowsLike):
        def set_password(self, service, username, password):
            raise KeyringLocked(password)

    use(Locked())
    assert KeyringStore().save(NAME, "very-secret") is False
    assert "KeyringLocked" in caplog.text
    assert "very-secret" not in caplog.text


def test_one_that_hangs_is_waited_for_once_and_used_when_it_wakes_up(use):
    gate, asked = threading.Event(), []

    class Asking(WindowsLike):
        def get_password(self, service, username):
            asked.append(threading.current_thread())
            gate.wait(20)
            return super().get_password(service, username)

    backend, keyring_store = use(Asking()), KeyringStore(patience=0.05)
    assert [keyring_store.load(NAME) for _ in range(3)] == [None] * 3
    until(lambda: asked, "it is asked")
    assert [thread.daemon for thread in asked] == [True]
    backend.entries[SERVICE, NAME] = "0 e3b0c44298fc1c14"
    gate.set()
    patient = KeyringStore(patience=10)
    assert patient.load(NAME) == ""
    until(lambda: not keyring_store._hung.pending, "it has ended")
    keyring_store._patience = 10
    assert keyring_store.load(NAME) == ""


def test_beyond_16_that_wait_behind_one_that_hangs_it_is_not_asked(use):
    gate, asked = threading.Event(), set()

    class Asking(WindowsLike):
        def get_password(self, service, username):
            asked.add(threading.current_thread())
            gate.wait(20)
            return super().get_password(service, username)

    use(Asking())
    keyring_store = KeyringStore(patience=0.05)
    keyring_store.load(NAME)
    until(lambda: asked, "it is asked")
    assert [keyring_store.load(NAME) for _ in range(20)] == [None] * 20
    gate.set()
    until(
        lambda: not keyring_store._turns._waiting and keyring_store._turns._current is None, "all have had their turn"
    )
    assert len(asked) == 17
