"""`traycreds logout` as a process: the token goes, the portal knows, and what it cannot do it says."""

from __future__ import annotations

from datetime import timedelta

from traycreds.sim.faults import Fault


def logout(sso_home, *arguments):
    return sso_home.sandbox.command("logout", *arguments, **sso_home.endpoints)


def test_the_token_is_removed_and_the_portal_is_called(sso_home):
    sso_home.login()
    access = sso_home.token()["accessToken"]
    done = logout(sso_home, "corp")
    assert (done.returncode, done.stdout, done.stderr) == (0, "You are signed out of corp.\n", "")
    assert not sso_home.token_file().exists()
    assert sso_home.outcomes("Logout") == ["OK"]
    assert access not in done.stdout
    once = sso_home.sandbox.command("once", "sso", **sso_home.endpoints)
    assert once.returncode == 3
    assert "traycreds login corp" in once.stderr


def test_a_profile_or_role_names_its_sign_in_and_others_stay(sso_home):
    sso_home.login()
    other = sso_home.cache / "0123456789012345678901234567890123456789.json"
    other.write_text("{}")
    assert logout(sso_home, "behind").stdout == "You are signed out of corp.\n"
    assert other.exists()


def test_where_nobody_is_signed_in_nobody_is_asked(sso_home):
    done = logout(sso_home, "corp")
    assert (done.returncode, done.stdout, done.stderr) == (0, "There was no sign-in to corp.\n", "")
    assert sso_home.actions("Logout") == []


def test_a_sign_in_that_has_already_ended_is_no_error(sso_home):
    sso_home.login()
    sso_home.sim.portal.sign_out_all()
    done = logout(sso_home, "corp")
    assert (done.returncode, done.stdout, done.stderr) == (0, "You are signed out of corp.\n", "")
    assert sso_home.outcomes("Logout") == ["UnauthorizedException"]


def test_a_portal_that_fails_leaves_no_token_behind_and_is_reported(sso_home):
    sso_home.login()
    sso_home.age(timedelta(hours=1))
    sso_home.sim.faults.set(Fault.UNAVAILABLE_503)
    done = logout(sso_home, "corp")
    assert done.returncode == 3
    assert done.stderr.startswith("The token of corp is removed, but the portal in ")
    assert not sso_home.token_file().exists()


def test_an_unknown_name_is_usage(sso_home):
    done = logout(sso_home, "crop")
    assert (done.returncode, done.stderr) == (
        2,
        "There is no sso-session, profile or role crop.\nDid you mean corp?\n",
    )
