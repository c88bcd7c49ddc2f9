"""What is written, whose a section is, and how a foreign one is moved."""

from __future__ import annotations

import stat
import sys
from datetime import timedelta, timezone

import pytest

from tests.support.builders import HOUR, NOW, SECRET, TOKEN
from traycreds.awsfiles.ini import IniText
from traycreds.core.errors import CredentialsFileError, UsageError
from traycreds.core.model import Batch
from traycreds.core.value_class import replace
from traycreds.files import atomic_write

STATIC = "[default] \n# my keys\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = static\n\n# end\n"


def test_the_section_as_it_is_written(on_disk, a_write):
    half_hour_zone = timezone(timedelta(hours=5, minutes=30))
    on_disk.store().write(Batch(sets=(a_write("dev", "admin", expires_at=(NOW + HOUR).astimezone(half_hour_zone)),)))
    assert on_disk.text() == (
        "[dev]\n"
        "aws_access_key_id = ASIAEXAMPLE000000001\n"
        f"aws_secret_access_key = {SECRET}\n"
        f"aws_session_token = {TOKEN}\n"
        "x_security_token_expires = 2026-11-24T13:00:00Z\n"
        "traycreds_role = admin\n"
        "traycreds_key = ASIAEXAMPLE000000001\n"
    )


def test_drop_leaves_the_file_of_others_byte_for_byte(on_disk, a_write):
    on_disk.put(STATIC)
    store = on_disk.store()
    store.write(Batch(sets=(a_write("a"), a_write("b"))))
    assert on_disk.text().startswith(STATIC)
    store.write(Batch(removes=("a", "b")))
    assert on_disk.text() == STATIC


def test_long_term_keys_typed_into_our_section_make_it_someone_elses(on_disk, a_write):
    """`aws configure` keeps our marker, and the secret it was given can never be had again."""
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),), copy_default_from="dev"))
    typed = on_disk.text().replace(
        "[default]\naws_access_key_id = ASIAEXAMPLE000000001", "[default]\naws_access_key_id = AKIAMINE"
    )
    on_disk.put(typed)
    assert store.read().foreign == ("default",)
    report = store.write(Batch(sets=(a_write("default"),), copy_default_from="dev", removes=("default",)))
    assert {refusal.profile for refusal in report.refused} == {"default"}
    assert all("long-term keys" in refusal.sentence for refusal in report.refused)
    assert on_disk.text() == typed


@pytest.mark.parametrize("profile", ["default", "dev"])
def test_a_session_that_another_program_puts_into_our_section_is_left_and_reported(on_disk, a_write, profile):
    """saml2aws writes its own keys, token and expiry, and keeps all other lines."""
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),), copy_default_from="dev"))
    before, after = on_disk.text().split(f"[{profile}]\n")
    on_disk.put(f"{before}[{profile}]\n" + after.replace("ASIAEXAMPLE000000001", "ASIATHEIRS", 1))
    theirs = on_disk.text()
    assert store.read().foreign == (profile,)
    report = store.write(Batch(sets=(a_write("dev", n=2),), copy_default_from="dev", removes=("default",)))
    assert {refusal.sentence for refusal in report.refused if refusal.profile == profile} == {
        f"Profile {profile} now holds a session that traycreds did not write. traycreds leaves it unchanged."
    }
    assert f"[{profile}]\naws_access_key_id = ASIATHEIRS\n" in on_disk.text()
    store.take_over(profile, "theirs")
    moved = IniText(on_disk.text()).own()["theirs"]
    assert set(moved) == {"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "x_security_token_expires"}
    assert f"aws_session_token = {TOKEN}" in theirs


def test_a_session_whose_key_resembles_a_long_term_one_is_ours_if_we_wrote_it(on_disk, a_write):
    write = a_write("dev")
    write = replace(write, credentials=replace(write.credentials, access_key_id="AKIALOOKSLIKEIT"))
    view = on_disk.store().write(Batch(sets=(write,), copy_default_from="dev")).view
    assert [(each.profile, each.expires_at) for each in view.owned] == [("dev", NOW + HOUR), ("default", NOW + HOUR)]


def test_sections_of_earlier_versions_stay_ours(on_disk, a_write):
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),)))
    on_disk.put(on_disk.text().replace("traycreds_key = ASIAEXAMPLE000000001\n", ""))
    assert [each.profile for each in store.read().owned] == ["dev"]
    assert on_disk.store().write(Batch(copy_default_from="dev")).refused == ()
    assert IniText(on_disk.text()).own()["default"]["traycreds_key"] == "ASIAEXAMPLE000000001"


def test_the_account_comes_and_goes_with_its_session(on_disk, a_write):
    def of(account, n):
        write = a_write("dev", n=n)
        return replace(write, credentials=replace(write.credentials, account_id=account))

    def accounts():
        return [own.get("aws_account_id") for own in IniText(on_disk.text()).own().values()]

    store = on_disk.store()
    store.write(Batch(sets=(of("123456789012", 1),), copy_default_from="dev"))
    assert accounts() == ["123456789012"] * 2
    store.write(Batch(sets=(of("210987654321", 2),), copy_default_from="dev"))
    assert accounts() == ["210987654321"] * 2
    store.write(Batch(sets=(of(None, 3),), copy_default_from="dev"))
    assert accounts() == [None] * 2


def test_what_a_session_is_of_comes_and_goes_with_it(on_disk, a_write):
    def of():
        return [own.get("traycreds_of") for own in IniText(on_disk.text()).own().values()]

    store, arn = on_disk.store(), "arn:aws:iam::123456789012:role/Dev"
    store.write(Batch(sets=(replace(a_write("dev"), session_of=arn), a_write("old", n=2)), copy_default_from="dev"))
    assert of() == [arn, None, arn]
    store.write(Batch(copy_default_from="old"))
    assert of() == [arn, None, None], "an earlier version's section says nothing, and keeps nothing of another's"
    on_disk.put(on_disk.text().replace("ASIAEXAMPLE000000001", "AKIAMINE", 1))
    store.take_over("dev", "mine")
    assert "traycreds" not in on_disk.text().split("[mine]")[1].split("[")[0]


def test_an_empty_section_is_nobodys_and_may_be_filled(on_disk, a_write):
    on_disk.put("[dev]\n# mine\n[b]\nk = v\n")
    assert on_disk.store().read().foreign == ("b",)
    assert on_disk.store().write(Batch(sets=(a_write("dev"),))).refused == ()
    assert "traycreds_key = ASIAEXAMPLE000000001\n# mine\n[b]\n" in on_disk.text()


def test_the_command_names_a_profile_that_is_free(on_disk, a_write):
    on_disk.put("[default]\nk = v\n[base]\nk = v\n[base-2]\nk = v\n")
    (refusal,) = on_disk.store().write(Batch(sets=(a_write("default"),))).refused
    assert refusal.hint.endswith("traycreds import take-over default --as base-3")


def test_default_does_not_take_along_what_the_user_added_to_the_profile(on_disk, a_write):
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),)))
    on_disk.put(on_disk.text() + "region = eu-west-1\n")
    store.write(Batch(copy_default_from="dev"))
    assert on_disk.text().count("region") == 1


@pytest.mark.parametrize(
    "line", ["x_security_token_expires = soon\n", "x_security_token_expires = 2026-01-01T00:00:00\n", ""]
)
def test_a_section_of_ours_without_a_readable_expiry_holds_no_session(on_disk, line):
    on_disk.put(
        f"[dev]\naws_access_key_id = A\naws_secret_access_key = B\naws_session_token = C\ntraycreds_role = dev\n{line}"
    )
    (owned,) = on_disk.store().read().owned
    assert owned.expires_at is None


def test_a_marker_in_the_inherited_section_makes_nothing_ours(on_disk):
    on_disk.put("[DEFAULT]\ntraycreds_role = dev\n[mine]\nk = v\n")
    assert on_disk.store().read().foreign == ("mine",)


def test_a_role_name_that_cannot_stand_in_the_file_is_refused_without_a_secret(on_disk, a_write):
    report = on_disk.store().write(Batch(sets=(a_write("dev", "rôle"), a_write("ok"))))
    assert [refusal.profile for refusal in report.refused] == ["dev"]
    assert [owned.profile for owned in report.view.owned] == ["ok"]
    assert SECRET not in repr(report)


def test_take_over_moves_the_section_and_keeps_a_backup(on_disk, a_write):
    on_disk.put("[a]\nk = v\n" + STATIC, mode=0o600)
    store = on_disk.store()
    backup = store.take_over("default", "base")
    assert on_disk.text() == "[a]\nk = v\n" + STATIC.replace("[default]", "[base]")
    assert backup.read_text() == "[a]\nk = v\n" + STATIC
    # On Windows, the access list of the folder counts.
    if sys.platform != "win32":
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert on_disk.siblings() == sorted(["credentials", backup.name])
    assert store.write(Batch(sets=(a_write("default"),))).refused == ()


def test_take_over_of_typed_keys_leaves_our_token_behind(on_disk, a_write):
    store = on_disk.store()
    store.write(Batch(sets=(a_write("default"),)))
    on_disk.put(on_disk.text().replace("ASIAEXAMPLE000000001", "AKIAMINE", 1) + "region = x\n")
    store.take_over("default", "base")
    assert on_disk.text() == f"[base]\naws_access_key_id = AKIAMINE\naws_secret_access_key = {SECRET}\nregion = x\n"
    assert store.read().foreign == ("base",), "what the user moved is not put back as an accident"


def test_backups_of_the_same_second_do_not_overwrite_one_another(on_disk):
    on_disk.put("[a]\nk = v\n[b]\nk = v\n")
    first, second = on_disk.store().take_over("a", "c"), on_disk.store().take_over("b", "d")
    assert first != second
    assert "[a]" in first.read_text()
    assert "[c]" in second.read_text()


@pytest.mark.parametrize(
    ("profile", "new_name", "words"),
    [
        ("none", "base", "there is no profile"),
        ("mine", "dev", "already a profile"),
        ("mine", "a b", "not read the same way"),
        ("dev", "base", "written by traycreds"),
    ],
)
def test_take_over_refuses_and_leaves_no_backup(on_disk, a_write, profile, new_name, words):
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),)))
    on_disk.put(on_disk.text() + "[mine]\nk = v\n")
    before = on_disk.text()
    with pytest.raises(UsageError) as caught:
        store.take_over(profile, new_name)
    assert words in caught.value.sentence
    assert (on_disk.text(), on_disk.siblings()) == (before, ["credentials"])


def test_a_take_over_that_cannot_be_written_leaves_no_backup(on_disk, monkeypatch):
    on_disk.put(STATIC)

    def full(path, data, **more):
        raise CredentialsFileError("No space.", "Free some.")

    monkeypatch.setattr(atomic_write, "replace", full)
    with pytest.raises(CredentialsFileError):
        on_disk.store().take_over("default", "base")
    assert (on_disk.text(), on_disk.siblings()) == (STATIC, ["credentials"])


def test_a_take_over_that_starts_again_leaves_only_the_last_backup(on_disk, monkeypatch):
    on_disk.put(STATIC)
    real, rivals = atomic_write.replace, ["[rival]\nk = v\n"]

    def superseded(path, data, **more):
        if rivals:
            on_disk.put(on_disk.text() + rivals.pop())
        return real(path, data, **more)

    monkeypatch.setattr(atomic_write, "replace", superseded)
    backup = on_disk.store().take_over("default", "base")
    assert on_disk.text() == STATIC.replace("[default]", "[base]") + "[rival]\nk = v\n"
    assert on_disk.siblings() == sorted(["credentials", backup.name])
    assert "[rival]" in backup.read_text()


def test_a_removal_that_would_change_the_meaning_of_others_is_refused(on_disk, a_write):
    # Without `[dev]`, the indented `[b]` would continue the value of `k`.
    ours = "[a]\nk = v\n[dev]\n  traycreds_role = dev\n  [b]\n  y = 2\n"
    on_disk.put(ours)
    with pytest.raises(
        CredentialsFileError, match="cannot be changed safely: the change would also alter something else"
    ):
        on_disk.store().write(Batch(removes=("dev",)))
    assert on_disk.text() == ours


def test_a_role_whose_profile_is_someone_elses_cannot_be_the_default_for_that_cause(on_disk, a_write):
    on_disk.put("[dev]\nk = v\n")
    for batch in (Batch(sets=(a_write("dev"),), copy_default_from="dev"), Batch(copy_default_from="dev")):
        refusal = on_disk.store().write(batch).refused[-1]
        assert (refusal.profile, refusal.sentence.partition(".")[0]) == (
            "default",
            "traycreds did not write profile dev",
        )
        assert refusal.hint.endswith("traycreds import take-over dev --as dev-base")
