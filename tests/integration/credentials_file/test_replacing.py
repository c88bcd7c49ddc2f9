"""Programs that replace the credentials file, between our last look at it and our own replace."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from traycreds.core.model import Batch
from traycreds.files import atomic_write, contents, replaced_file, rewrite

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="an exchange of two files, as Linux has it")

MINE = "# by hand\n[mine]\nregion = eu-1  \n\n; a remark\n[other]\nk = v\n"


def replace(path, text, *, mode=0o644):
    """As editors and the AWS SDK for Java do."""
    new = path.with_name("theirs")
    new.write_text(text)
    new.chmod(mode)
    new.replace(path)


@pytest.fixture
def at_the_last_moment(monkeypatch):
    """Have someone do something right before our exchange, each time one thing."""
    doings = []
    real = replaced_file.exchange

    def exchange(one, other):
        if doings:
            doings.pop(0)()
        return real(one, other)

    monkeypatch.setattr(replaced_file, "exchange", exchange)
    return doings


@pytest.fixture
def discarded(monkeypatch):
    """The text and the mode of each file that leaves the folder under one of our names."""
    found = []
    real = Path.unlink

    def unlink(path, **how):
        if path.suffix == ".tmp" and path.exists():
            found.append((path.read_text(), stat.S_IMODE(path.stat().st_mode)))
        real(path, **how)

    monkeypatch.setattr(Path, "unlink", unlink)
    return found


def test_what_another_program_puts_there_at_the_last_moment_is_merged_at_once(
    on_disk, a_write, at_the_last_moment, discarded
):
    on_disk.put(MINE, mode=0o644)
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),)))
    theirs = on_disk.text().replace("eu-1", "eu-2").replace("; a remark", "; my remark") + "\n[new]\nk = v\n"
    at_the_last_moment.append(lambda: replace(on_disk.path, theirs))
    store.write(Batch(sets=(a_write("dev", n=2),)))
    ours = theirs.replace("ASIAEXAMPLE000000001", "ASIAEXAMPLE000000002")
    assert on_disk.text().startswith(ours[: ours.index("aws_secret_access_key")])
    assert on_disk.text().endswith("\n[new]\nk = v\n")
    assert (theirs, 0o600) in discarded
    assert {mode for _, mode in discarded} == {0o600}
    assert on_disk.siblings() == ["credentials"]


def test_what_it_takes_out_stays_out(on_disk, a_write, at_the_last_moment):
    """Its text is a beginning of our text, as that of a write in place that has only begun would be."""
    on_disk.put(MINE + "\n[last]\nk = v\n")
    store = on_disk.store()
    at_the_last_moment.append(lambda: replace(on_disk.path, MINE))
    store.write(Batch(sets=(a_write("dev"),)))
    assert on_disk.text().startswith(MINE + "\n[dev]\n")
    assert "[last]" not in on_disk.text()


def test_one_that_writes_into_the_file_put_there_loses_nothing(on_disk, a_write, at_the_last_moment, monkeypatch):
    on_disk.put(MINE)
    store = on_disk.store()
    slow = []

    def replaced_and_opened():
        replace(on_disk.path, MINE.replace("eu-1", "eu-2"))
        slow.append(on_disk.path.open("w"))

    at_the_last_moment.append(replaced_and_opened)
    on_disk.during_naps = [lambda: None] * 20 + [lambda: (slow[0].write(MINE.replace("eu-1", "eu-3")), slow[0].close())]
    store.write(Batch(sets=(a_write("dev"),)))
    assert on_disk.text().startswith(MINE.replace("eu-1", "eu-3") + "\n[dev]\n")


@pytest.mark.logs_warnings
def test_a_program_that_takes_the_file_away_has_us_begin_anew(on_disk, a_write, at_the_last_moment):
    on_disk.put(MINE)
    at_the_last_moment.append(on_disk.path.unlink)
    on_disk.store().write(Batch(sets=(a_write("dev"),)))
    assert on_disk.text().startswith("[dev]\n")
    (backup,) = on_disk.path.parent.glob("credentials.*")
    assert backup.read_text() == MINE


def test_a_link_that_is_put_there_is_put_back_and_followed(on_disk, a_write, at_the_last_moment, tmp_path):
    on_disk.put(MINE)
    target = tmp_path / "dotfiles"
    target.write_text(MINE.replace("eu-1", "eu-2"))
    os.utime(target, (1e9, 1e9))

    def link():
        on_disk.path.unlink()
        on_disk.path.symlink_to(target)

    at_the_last_moment.append(link)
    on_disk.store().write(Batch(sets=(a_write("dev"),)))
    assert on_disk.path.is_symlink()
    assert target.read_text().startswith(MINE.replace("eu-1", "eu-2") + "\n[dev]\n")


def test_a_file_that_appears_at_the_last_moment_is_not_replaced(on_disk, a_write, monkeypatch):
    on_disk.path.parent.mkdir()
    real = contents.read_once

    def read_once(path):
        reading = real(path)
        # This is the last read before the replacement.
        if atomic_write.strays(path) and not path.exists():
            on_disk.put(MINE)
        return reading

    monkeypatch.setattr(contents, "read_once", read_once)
    on_disk.store().write(Batch(sets=(a_write("dev"),)))
    assert on_disk.text().startswith(MINE + "\n[dev]\n")
    assert on_disk.siblings() == ["credentials"]


def test_one_that_replaces_the_file_without_end_and_knows_nothing_of_ours_is_not_waited_for(on_disk, a_write):
    on_disk.put(MINE)
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),)))
    numbers = iter(range(1000))
    replace(on_disk.path, MINE)
    on_disk.during_naps = [lambda: replace(on_disk.path, f"{MINE}[n]\nk = {next(numbers)}\n")] * 500
    view = store.read()
    assert [owned.profile for owned in view.owned] == ["dev"]
    assert sum(on_disk.naps) < 2
    assert on_disk.text().startswith(MINE + "[n]\nk = ")


def test_another_file_of_the_user_is_edited_anew(tmp_path, at_the_last_moment):
    """Nothing is known of how to merge it."""
    path = tmp_path / "config"
    path.write_text("[default]\n")
    os.utime(path, (1e9, 1e9))

    def theirs():
        replace(path, "[default]\n[theirs]\n")
        os.utime(path, (1e9, 1e9))

    at_the_last_moment.append(theirs)
    assert rewrite.rewrite(path, tmp_path / "locks", lambda text: f"{text}[ours]\n")
    assert path.read_text() == "[default]\n[theirs]\n[ours]\n"
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.usefixtures("without_exchange")
def test_a_file_system_that_cannot_exchange_takes_a_plain_rename(on_disk, a_write):
    on_disk.put(MINE)
    on_disk.store().write(Batch(sets=(a_write("dev"),)))
    assert on_disk.text().startswith(MINE + "\n[dev]\n")
    assert on_disk.siblings() == ["credentials"]
