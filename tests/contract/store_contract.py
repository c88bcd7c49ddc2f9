"""What every credential store promises; run for the real file and for the fake by `test_store`.

Each test takes a `world`: `store`, `restarted()` (a new store on what is there), `add_foreign(name)`, `lose(name)`,
`break_it()` and `content()` (all that is there, to compare).
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, NOW, credentials
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Batch, OwnedProfile, ProfileWrite, StoreView
from traycreds.core.value_class import replace


def a_write(profile="dev", role=None, *, expires_at=NOW + HOUR, n=1):
    return ProfileWrite(profile=profile, role=role or profile, credentials=credentials(expires_at, n))


def owned(profile, role=None, expires_at=NOW + HOUR):
    return OwnedProfile(profile=profile, role=role or profile, expires_at=expires_at)


def test_nothing_there_is_an_empty_view(world):
    assert world.store.read() == StoreView()


def test_what_is_written_is_in_the_report_and_after_a_restart(world):
    report = world.store.write(Batch(sets=(a_write("a"), a_write("b", "role-b"))))
    assert report.refused == ()
    assert report.view == StoreView(owned=(owned("a"), owned("b", "role-b")))
    assert world.restarted().read() == report.view


def test_a_session_that_is_on_file_already_and_one_that_is_not_better_change_nothing(world):
    written = world.store.write(Batch(sets=(a_write("a"), a_write("b", "role-b"))))
    assert written.unchanged == frozenset()
    shorter = a_write("b", "role-b", expires_at=NOW + timedelta(minutes=30), n=2)
    again = world.store.write(Batch(sets=(a_write("a"), shorter, a_write("c"))))
    assert again.unchanged == {"a", "b"}


def test_a_role_that_became_another_takes_no_longer_session_of_the_old_one(world):
    old = replace(a_write(expires_at=NOW + 2 * HOUR), session_of="arn:aws:iam::123456789012:role/Admin")
    new = replace(a_write(n=2), session_of="arn:aws:iam::999988887777:role/ReadOnly")
    world.store.write(Batch(sets=(old,), copy_default_from="dev"))
    report = world.store.write(Batch(sets=(new,)))
    mine, default = report.view.owned
    assert (mine.session_of, mine.expires_at) == (new.session_of, NOW + HOUR)
    assert (default.session_of, default.expires_at) == (old.session_of, NOW + 2 * HOUR)
    assert world.restarted().read() == report.view


def test_a_session_that_does_not_say_what_it_is_of_is_the_roles(world):
    before = world.store.write(Batch(sets=(a_write(expires_at=NOW + 2 * HOUR),))).view
    assert world.store.write(Batch(sets=(replace(a_write(n=2), session_of="x"),))).view == before


def test_expiry_is_kept_to_the_second(world):
    report = world.store.write(Batch(sets=(a_write(expires_at=NOW + timedelta(seconds=5.9)),)))
    assert report.view.owned[0].expires_at == NOW + timedelta(seconds=5)


def test_a_foreign_profile_is_refused_with_the_command_and_the_rest_is_written(world):
    world.add_foreign("mine")
    report = world.store.write(Batch(sets=(a_write("mine"), a_write("dev"))))
    assert [refusal.profile for refusal in report.refused] == ["mine"]
    assert "traycreds import take-over mine --as mine-base" in report.refused[0].hint
    assert report.view == StoreView(owned=(owned("dev"),), foreign=("mine",))


def test_a_foreign_profile_is_not_changed_by_a_refused_write(world):
    world.add_foreign("mine")
    before = world.content()
    world.store.write(Batch(sets=(a_write("mine"),), removes=("mine",)))
    assert world.content() == before


def test_default_is_copied_from_a_profile_of_the_same_batch(world):
    report = world.store.write(Batch(sets=(a_write("dev", "r"),), copy_default_from="dev"))
    assert report.view.owned == (owned("dev", "r"), owned("default", "r"))


def test_default_is_copied_from_what_is_on_file(world):
    world.store.write(Batch(sets=(a_write("dev"), a_write("prod", expires_at=NOW + 2 * HOUR)), copy_default_from="dev"))
    report = world.restarted().write(Batch(copy_default_from="prod"))
    assert owned("default", "prod", NOW + 2 * HOUR) in report.view.owned


def test_default_is_not_copied_from_a_profile_without_a_session(world):
    report = world.store.write(Batch(copy_default_from="dev"))
    assert [refusal.profile for refusal in report.refused] == ["default"]
    assert report.view == StoreView()


def test_a_foreign_default_is_refused_with_the_command_that_moves_it(world):
    world.add_foreign("default")
    report = world.store.write(Batch(sets=(a_write(),), copy_default_from="dev"))
    assert [refusal.profile for refusal in report.refused] == ["default"]
    assert "traycreds import take-over default --as base" in report.refused[0].hint
    assert report.view == StoreView(owned=(owned("dev"),), foreign=("default",))


def test_removing_takes_ours_and_refuses_others(world):
    world.add_foreign("mine")
    world.store.write(Batch(sets=(a_write("a"), a_write("b"))))
    report = world.store.write(Batch(removes=("a", "mine", "never-there")))
    assert [refusal.profile for refusal in report.refused] == ["mine"]
    assert report.view == StoreView(owned=(owned("b"),), foreign=("mine",))


def test_removing_default_leaves_the_profile_it_was_copied_from(world):
    world.store.write(Batch(sets=(a_write(),), copy_default_from="dev"))
    assert world.store.write(Batch(removes=("default",))).view.owned == (owned("dev"),)


def test_a_working_session_is_not_replaced_by_a_worse_one(world):
    world.store.write(Batch(sets=(a_write(expires_at=NOW + 2 * HOUR),)))
    before = world.content()
    report = world.store.write(Batch(sets=(a_write(expires_at=NOW + HOUR, n=2),)))
    assert report == replace(report, refused=())
    assert report.view.owned == (owned("dev", expires_at=NOW + 2 * HOUR),)
    assert world.content() == before


def test_an_expired_session_and_one_of_another_role_are_replaced(world):
    world.store.write(Batch(sets=(a_write("old", expires_at=NOW - HOUR), a_write("x", "a", expires_at=NOW + 2 * HOUR))))
    report = world.store.write(Batch(sets=(a_write("old", expires_at=NOW - 2 * HOUR), a_write("x", "b"))))
    assert report.view.owned == (owned("old", expires_at=NOW - 2 * HOUR), owned("x", "b"))


def test_a_name_that_sdks_read_differently_is_refused_and_the_rest_is_written(world):
    report = world.store.write(Batch(sets=(a_write("two words"), a_write("dev"))))
    assert [refusal.profile for refusal in report.refused] == ["two words"]
    assert report.view.owned == (owned("dev"),)


def test_changed_reports_the_writes_of_others_but_not_ours(world):
    assert world.store.changed()
    world.store.read()
    assert not world.store.changed()
    world.store.write(Batch(sets=(a_write(),)))
    assert not world.store.changed()
    world.add_foreign("mine")
    assert world.store.changed()
    world.store.read()
    assert not world.store.changed()


def test_a_change_under_our_own_write_is_still_reported(world):
    """A source profile that was fixed just before our write: only a read lets its roles be retried."""
    world.store.read()
    world.add_foreign("mine")
    world.store.write(Batch(sets=(a_write(),)))
    assert world.store.changed()
    world.store.read()
    assert not world.store.changed()


def test_a_lost_profile_is_seen_and_can_be_written_again(world):
    world.store.write(Batch(sets=(a_write("a"), a_write("b"))))
    store = world.restarted()
    store.read()
    world.lose("a")
    assert store.changed()
    assert store.read().owned == (owned("b"),)
    assert store.write(Batch(sets=(a_write("a"),))).view.owned == (owned("b"), owned("a"))


def test_an_unusable_store_says_so_and_is_left_alone(world):
    world.store.write(Batch(sets=(a_write(),)))
    world.break_it()
    before = world.content()
    for call in (world.store.read, lambda: world.store.write(Batch(sets=(a_write("b"),)))):
        with pytest.raises(CredentialsFileError) as caught:
            call()
        assert caught.value.sentence.endswith(".")
        assert caught.value.hint.endswith(".")
    assert world.content() == before
