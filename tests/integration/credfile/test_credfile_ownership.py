"""What is written, whose a section is, and how a foreign one is moved."""

from __future__ import annotations

import stat
import sys
from datetime import timedelta, timezone

import pytest

from tests.builders import HOUR, NOW, SECRET, TOKEN
from traycreds.adapters import files
from traycreds.core.errors import CredentialsFileError, UsageError
from traycreds.core.model import Batch

STATIC = "[default] \n# my keys\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = static\n\n# end\n"


def test_the_section_as_it_is_written(place, a_write):
    half_hour_zone = timezone(timedelta(hours=5, minutes=30))
    place.store().write(Batch(sets=(a_write("dev", "admin", expires_at=(NOW + HOUR).astimezone(half_hour_zone)),)))
    assert place.text() == (
        "[dev]\n"
        "aws_access_key_id = ASIAEXAMPLE000000001\n"
        f"aws_secret_access_key = {SECRET}\n"
        f"aws_session_token = {TOKEN}\n"
        "x_security_token_expires = 2026-11-24T13:00:00Z\n"
        "traycreds_role = admin\n"
    )


def test_drop_leaves_the_file_of_others_byte_for_byte(place, a_write):
    place.put(STATIC)
    store = place.store()
    store.write(Batch(sets=(a_write("a"), a_write("b"))))
    assert place.text().startswith(STATIC)
    store.write(Batch(removes=("a", "b")))
    assert place.text() == STATIC


def test_long_term_keys_typed_into_our_section_make_it_somebody_elses(place, a_write):
    """`aws configure` keeps our marker, and the secret it was given can never be had again."""
    store = place.store()
    store.write(Batch(sets=(a_write("dev"),), copy_default_from="dev"))
    typed = place.text().replace(
        "[default]\naws_access_key_id = ASIAEXAMPLE000000001", "[default]\naws_access_key_id = AKIAMINE"
    )
    place.put(typed)
    assert store.read().foreign == ("default",)
    report = store.write(Batch(sets=(a_write("default"),), copy_default_from="dev", removes=("default",)))
    assert {refusal.profile for refusal in report.refused} == {"default"}
    assert all("long-term keys" in refusal.sentence for refusal in report.refused)
    assert place.text() == typed


def test_an_empty_section_is_nobodys_and_may_be_filled(place, a_write):
    place.put("[dev]\n# mine\n[b]\nk = v\n")
    assert place.store().read().foreign == ("b",)
    assert place.store().write(Batch(sets=(a_write("dev"),))).refused == ()
    assert "traycreds_role = dev\n# mine\n[b]\n" in place.text()


def test_the_command_names_a_profile_that_is_free(place, a_write):
    place.put("[default]\nk = v\n[base]\nk = v\n[base-2]\nk = v\n")
    (refusal,) = place.store().write(Batch(sets=(a_write("default"),))).refused
    assert refusal.hint.endswith("traycreds import --take-over default --as base-3")


def test_default_does_not_take_along_what_the_user_added_to_the_profile(place, a_write):
    store = place.store()
    store.write(Batch(sets=(a_write("dev"),)))
    place.put(place.text() + "region = eu-west-1\n")
    store.write(Batch(copy_default_from="dev"))
    assert place.text().count("region") == 1


@pytest.mark.parametrize(
    "line", ["x_security_token_expires = soon\n", "x_security_token_expires = 2026-01-01T00:00:00\n", ""]
)
def test_a_section_of_ours_without_a_readable_expiry_holds_no_session(place, line):
    place.put(
        f"[dev]\naws_access_key_id = A\naws_secret_access_key = B\naws_session_token = C\ntraycreds_role = dev\n{line}"
    )
    (owned,) = place.store().read().owned
    assert owned.expires_at is None


def test_a_marker_in_the_inherited_section_makes_nothing_ours(place):
    place.put("[DEFAULT]\ntraycreds_role = dev\n[mine]\nk = v\n")
    assert place.store().read().foreign == ("mine",)


def test_a_role_name_that_cannot_stand_in_the_file_is_refused_without_a_secret(place, a_write):
    report = place.store().write(Batch(sets=(a_write("dev", "rôle"), a_write("ok"))))
    assert [refusal.profile for refusal in report.refused] == ["dev"]
    assert [owned.profile for owned in report.view.owned] == ["ok"]
    assert SECRET not in repr(report)


def test_take_over_moves_the_section_and_keeps_a_backup(place, a_write):
    place.put("[a]\nk = v\n" + STATIC, mode=0o600)
    store = place.store()
    backup = store.take_over("default", "base")
    assert place.text() == "[a]\nk = v\n" + STATIC.replace("[default]", "[base]")
    assert backup.read_text() == "[a]\nk = v\n" + STATIC
    if sys.platform != "win32":  # where a folder's access list is what counts
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert place.siblings() == sorted(["credentials", backup.name])
    assert store.write(Batch(sets=(a_write("default"),))).refused == ()


def test_take_over_of_typed_keys_leaves_our_token_behind(place, a_write):
    store = place.store()
    store.write(Batch(sets=(a_write("default"),)))
    place.put(place.text().replace("ASIAEXAMPLE000000001", "AKIAMINE") + "region = x\n")
    store.take_over("default", "base")
    assert place.text() == f"[base]\naws_access_key_id = AKIAMINE\naws_secret_access_key = {SECRET}\nregion = x\n"
    assert store.read().foreign == ("base",), "what the user moved is not put back as an accident"


def test_backups_of_the_same_second_do_not_overwrite_one_another(place):
    place.put("[a]\nk = v\n[b]\nk = v\n")
    first, second = place.store().take_over("a", "c"), place.store().take_over("b", "d")
    assert first != second
    assert "[a]" in first.read_text()
    assert "[c]" in second.read_text()


@pytest.mark.parametrize(
    ("profile", "new_name", "words"),
    [
        ("none", "base", "there is no profile"),
        ("mine", "dev", "already a profile"),
        ("mine", "a b", "not read alike"),
        ("dev", "base", "written by traycreds"),
    ],
)
def test_take_over_refuses_and_leaves_no_backup(place, a_write, profile, new_name, words):
    store = place.store()
    store.write(Batch(sets=(a_write("dev"),)))
    place.put(place.text() + "[mine]\nk = v\n")
    before = place.text()
    with pytest.raises(UsageError) as caught:
        store.take_over(profile, new_name)
    assert words in caught.value.sentence
    assert (place.text(), place.siblings()) == (before, ["credentials"])


def test_a_take_over_that_cannot_be_written_leaves_no_backup(place, monkeypatch):
    place.put(STATIC)

    def full(path, data, *, expected):
        raise CredentialsFileError("No space.", "Free some.")

    monkeypatch.setattr(files, "replace", full)
    with pytest.raises(CredentialsFileError):
        place.store().take_over("default", "base")
    assert (place.text(), place.siblings()) == (STATIC, ["credentials"])


def test_a_take_over_that_was_overtaken_leaves_one_backup_the_last(place, monkeypatch):
    place.put(STATIC)
    real, rivals = files.replace, ["[rival]\nk = v\n"]

    def overtaken(path, data, *, expected):
        if rivals:
            place.put(place.text() + rivals.pop())
        return real(path, data, expected=expected)

    monkeypatch.setattr(files, "replace", overtaken)
    backup = place.store().take_over("default", "base")
    assert place.text() == STATIC.replace("[default]", "[base]") + "[rival]\nk = v\n"
    assert place.siblings() == sorted(["credentials", backup.name])
    assert "[rival]" in backup.read_text()


def test_a_removal_that_would_change_the_meaning_of_others_is_refused(place, a_write):
    ours = "[a]\nk = v\n[dev]\n  traycreds_role = dev\n  [b]\n  y = 2\n"  # without [dev], [b] would continue the value of k
    place.put(ours)
    with pytest.raises(CredentialsFileError, match="cannot be changed safely: the change would alter something else"):
        place.store().write(Batch(removes=("dev",)))
    assert place.text() == ours
