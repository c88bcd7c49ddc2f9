"""What is said of a credentials file that others write, or cannot be read, is carried out, and the write succeeds."""

from __future__ import annotations

import pytest

from tests.contract.doctor_remedies import Case, carry_out, found, name_of, places  # noqa: F401 - fixtures among them
from tests.contract.store_contract import a_write
from tests.integration.credentials_file.conftest import CredentialsOnDisk
from tests.integration.credentials_file.test_late_writes import MINE, check_again, clock, store  # noqa: F401 - fixtures
from tests.integration.credentials_file.test_settling import TWO, names
from tests.windows.mark import not_on_windows
from traycreds.awsfiles import credentials_file
from traycreds.awsfiles.concurrency import vanished_sections
from traycreds.core.errors import CredentialsFileError, UsageError
from traycreds.core.model import Batch
from traycreds.files import atomic_write

DEV = Batch(sets=(a_write("dev"),))


@pytest.fixture
def on_disk(tmp_path):
    made = CredentialsOnDisk(tmp_path / "aws" / "credentials", tmp_path / "state")
    made.put(TWO)
    return made


def hint_of(call) -> str:
    with pytest.raises((CredentialsFileError, UsageError)) as caught:
        call()
    return caught.value.hint


def test_a_program_that_never_rests_is_stopped(on_disk):
    store = on_disk.store()
    store.read()
    on_disk.put("[a]\n")
    on_disk.during_naps = [lambda n=n: on_disk.put(f"[a]\nk = {n}\n") for n in range(300)]
    assert hint_of(lambda: store.write(DEV)) == "Another program keeps writing to it. Stop that program."
    on_disk.during_naps.clear()
    on_disk.put(TWO)
    assert names(store.write(DEV).view) == {"a", "b", "dev"}


def test_a_program_that_is_always_faster_is_stopped(on_disk, monkeypatch):
    def superseded(path, data, **more):
        raise atomic_write.ChangedMeanwhileError

    store = on_disk.store()
    with monkeypatch.context() as other:
        other.setattr(atomic_write, "replace", superseded)
        other.setattr(credentials_file, "RACE_LIMIT", 0.05)
        assert hint_of(lambda: store.write(DEV)) == "Find that program and stop it. The file is unchanged."
        assert on_disk.text() == TWO
    assert names(store.write(DEV).view) == {"a", "b", "dev"}


@pytest.mark.parametrize(
    ("wrong", "right"), [("[a]\nk = v\n[a]\n", "[a]\nk = v\n"), (b"[a]\nk = v\n# Andr\x81\n", "[a]\nk = v\n")]
)
def test_a_file_that_cannot_be_read_is_corrected(on_disk, wrong, right):
    on_disk.put(wrong)
    store = on_disk.store()
    before = on_disk.path.read_bytes()
    for call in (store.read, lambda: store.write(DEV)):
        assert hint_of(call) == "Fix that by hand. Until then, traycreds leaves the file unchanged."
    assert on_disk.path.read_bytes() == before
    on_disk.put(right)
    assert names(store.write(DEV).view) == {"a", "dev"}


def test_a_program_that_writes_an_old_copy_is_closed(on_disk):
    store = on_disk.store()
    store.write(DEV)
    for _ in range(3):
        on_disk.put(TWO)
        store.read()
    on_disk.put(TWO)
    assert hint_of(store.read) == "Find out which program writes an old copy of the file, and close it."
    assert names(store.write(DEV).view) == {"a", "b", "dev"}
    assert names(store.read()) == {"a", "b", "dev"}


def test_a_profile_of_ours_is_not_taken_over(on_disk):
    store = on_disk.store()
    store.write(DEV)
    assert hint_of(lambda: store.take_over("dev", "dev-base")) == "Choose a profile that you wrote."
    report = store.write(Batch(sets=(a_write("dev", n=2),)))
    assert report.refused == ()


@not_on_windows
@pytest.mark.logs_warnings
def test_what_vanished_is_copied_back_and_the_copy_deleted(on_disk, store):
    on_disk.put(MINE)
    ours = store()
    ours.read()
    on_disk.put("")
    (note,) = ours.write(DEV).view.notes
    (backup,) = on_disk.path.parent.glob("*.backup-*")
    assert (
        note.hint
        == f"What was there is in {backup}. Copy what is missing from it, then delete it, because it contains keys."
    )
    on_disk.put(backup.read_text() + on_disk.text())
    backup.unlink()
    view = ours.read()
    assert (names(view), view.notes) == ({"mine", "other", "dev"}, ())


@not_on_windows
@pytest.mark.logs_warnings
def test_what_another_program_wrote_at_the_same_time_is_copied_and_the_copy_deleted(on_disk, store, clock, monkeypatch):
    on_disk.put(MINE)
    ours = store()
    notes = []
    with monkeypatch.context() as quick, on_disk.path.open("r+") as late:
        quick.setattr(vanished_sections, "HOLD", 0.0)
        ours.write(DEV)
        on_disk.put(on_disk.text().replace("eu-1", "eu-3"))
        late.write(MINE.replace("eu-1", "eu-2"))
    for _ in range(50):
        clock[0] += ours.next_check() or 2.0
        if ours.changed():
            notes += ours.read().notes
    (backup,) = on_disk.path.parent.glob("*.backup-*")
    (note,) = notes
    assert note.hint.startswith(f"What the other one wrote is in {backup}. Copy what is missing from it,")
    assert "region = eu-2" in backup.read_text()
    on_disk.put(on_disk.text().replace("eu-3", "eu-2"))
    backup.unlink()
    check_again(ours, clock)
    assert "region = eu-2" in on_disk.text()
    assert on_disk.siblings() == ["credentials"]


def test_a_role_without_a_session_is_refreshed_and_chosen_again(on_disk):
    store = on_disk.store()
    (refusal,) = store.write(Batch(copy_default_from="dev")).refused
    assert refusal.hint == "Refresh the role of profile dev, then choose it again."
    store.write(DEV)
    report = store.write(Batch(copy_default_from="dev"))
    assert (report.refused, names(report.view)) == ((), {"a", "b", "dev", "default"})


@pytest.mark.parametrize(("wrong", "right"), [("two words", "two_words"), ("a]b", "a-b")])
def test_a_profile_of_a_name_that_tools_misread_gets_another(on_disk, wrong, right):
    store = on_disk.store()
    (refusal,) = store.write(Batch(sets=(a_write(wrong),))).refused
    assert refusal.hint == "Name the role and its profile with letters, digits, '-' and '_' only."
    report = store.write(Batch(sets=(a_write(right),)))
    assert (report.refused, names(report.view)) == ((), {"a", "b", right})


def nameless(kind: str, right: str) -> Case:
    remedy = f"Add a name, like [{kind} dev], or remove the section."
    return Case("config", f"[{kind}]\nregion = eu-west-1\n", remedy, right)


HEADERS = [
    nameless("profile", "[profile other]\nregion = eu-west-1\n"),
    nameless("profile", ""),
    nameless("sso-session", ""),
]


@pytest.mark.parametrize("row", HEADERS, ids=name_of)
def test_a_header_without_a_name(found, row):
    carry_out(found, row)
