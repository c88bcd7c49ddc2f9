"""What an import says of what it cannot take over is carried out, and the same import does it."""

from __future__ import annotations

import functools
import os
from types import SimpleNamespace

import keyring
import pytest
from keyring.backends import fail

from tests.contract.doctor_remedies import BASE, DEV, KEYS, ROLE, TOML, lay_out, places  # noqa: F401 - a fixture among them
from tests.unit.state.test_keyring_store import WindowsLike
from traycreds.aws.sso.accounts import Account
from traycreds.awsfiles import profiles
from traycreds.core.errors import ConfigError, UsageError
from traycreds.importers import add_roles, identity_center, keyring_keys, live_profile, logsmith, proposals, stored_keys
from traycreds.importers.new_role import NewRole
from traycreds.importers.proposals import Proposal
from traycreds.usecases.options import Options

OPTIONS = Options()
OTHER = DEV.replace("[profile dev]", "[profile other]")
NEW = Proposal(name="other", table={"from_profile": "other"}, origin="")


def write(places, **texts):
    """The files of a user, of whom nobody is writing one."""
    lay_out(places, config=texts.get("config", DEV + OTHER), toml=texts.get("toml", TOML))
    places.credentials_file.write_text(texts.get("credentials", BASE))
    for path in (places.config_file, places.aws_config_file, places.credentials_file):
        os.utime(path, ns=(10**18, 10**18))


def refused(kind, hint, do):
    with pytest.raises(kind) as caught:
        do()
    assert caught.value.hint == hint


def test_roles_that_cannot_be_appended(places, capsys):
    """The configuration ends within a table of its own, so that what comes behind it is part of it."""
    inline = 'roles = { dev = { from_profile = "dev", keep = true } }\n'
    write(places, toml=inline)
    refused(
        ConfigError,
        "Add them by hand; `traycreds import profiles --dry-run` prints them.",
        lambda: add_roles.add(OPTIONS, (NEW,)),
    )
    printed = add_roles.text_of((NEW,))
    places.config_file.write_text(f"{TOML}{printed}")
    assert [role.name for role in add_roles.loaded_files.load(places).config.roles] == ["dev", "other"]


def test_roles_that_would_change_what_is_there(places, monkeypatch):
    """As for a configuration whose roles would come in another order."""
    write(places)
    with monkeypatch.context() as other:

        def as_read(text):
            return text.replace("keep = true", "") if "other" in text else text

        plain = add_roles.loader.parse
        other.setattr(add_roles.loader, "parse", lambda path, text, *more: plain(path, as_read(text), *more))
        refused(ConfigError, "Add the roles by hand.", lambda: add_roles.add(OPTIONS, (NEW,)))
    assert places.config_file.read_text() == TOML
    places.config_file.write_text(f"{TOML}{add_roles.text_of((NEW,))}")
    assert [role.name for role in add_roles.loaded_files.load(places).config.roles] == ["dev", "other"]


LEGACY = "[profile old]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
SESSION = LEGACY.replace("profile old", "sso-session corp")
PROFILE = "[profile {}]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n"


def test_a_sign_in_without_an_sso_session(places):
    write(places, config=DEV + LEGACY)
    refused(UsageError, "Create one with `aws configure sso`.", lambda: identity_center.Portal(OPTIONS, "old"))
    write(places, config=DEV + PROFILE.format("old") + SESSION)
    assert identity_center.Portal(OPTIONS, "old").find_offer


@pytest.fixture
def portal(monkeypatch):
    """A sign-in that gives one account with one role."""
    account = Account(id="123456789012", name="Main", email="", roles=("Admin",))
    listed = SimpleNamespace(read=lambda **_: (account,))
    monkeypatch.setattr(identity_center, "AccountList", lambda *_: listed)

    def portal():
        one = identity_center.Portal(OPTIONS, "corp")
        offer = one.find_offer(fresh=False, progress=lambda *_: None)
        chosen = [each for each in offer.proposals if each.name != "other"]
        return lambda: one.add(chosen)

    return portal


def test_a_profile_that_appears_while_one_is_added(places, portal):
    write(places, config=DEV + SESSION)
    add = portal()
    write(places, config=DEV + SESSION + PROFILE.format("Main-Admin").replace("Admin\n", "Other\n"))
    refused(ConfigError, "Run this again; the file is unchanged.", add)
    portal()()
    assert "Main-Admin-2" in profiles.read_at(places).profiles


BROKEN = "[profile x]\nregion = eu-west-1\nregion = eu-west-2\n"


@pytest.mark.parametrize("way", ["sso", "live"])
def test_a_line_that_is_wrong_since_the_file_was_read(places, portal, monkeypatch, way):
    good = DEV + SESSION + BROKEN.replace("region = eu-west-2\n", "")
    write(places, config=good)
    do = portal() if way == "sso" else lambda: live_profile.write(OPTIONS, "dev")

    def broken(*arguments):
        write(places, config=DEV + SESSION + BROKEN)
        return rewrite(*arguments)

    with monkeypatch.context() as meanwhile:
        module = identity_center if way == "sso" else live_profile
        rewrite = functools.partial(module.rewrite, encoding="utf-8")
        meanwhile.setattr(module, "rewrite", lambda *arguments, **_: broken(*arguments))
        refused(ConfigError, "Fix that, then try again. The file is unchanged.", do)
    write(places, config=good)
    do()
    assert {"sso": "Main-Admin", "live": "dev-live"}[way] in profiles.read_at(places).profiles


def test_a_live_profile_whose_name_is_wrong(places):
    write(places)
    refused(
        ConfigError,
        "Fix that, or give it another name, such as --as a-b.",
        lambda: live_profile.write(OPTIONS, "dev", "a b"),
    )
    assert live_profile.write(OPTIONS, "dev", "a-b").changed


@pytest.fixture
def unlocked(monkeypatch):
    """A keyring, once it is unlocked."""
    backends = {False: fail.Keyring(), True: WindowsLike()}
    lock = {"open": True}
    monkeypatch.setattr(keyring, "get_keyring", lambda: backends[lock["open"]])
    return lambda is_open: lock.update(open=is_open)


@pytest.fixture
def moves(places, unlocked):
    """Write the credentials file, and move the keys of a profile."""

    def moves(text, profile="base"):
        write(places, credentials=text)
        keyring_keys.move(OPTIONS, profile)
        return stored_keys.are_stored(profiles.read_at(places).profiles[profile].settings)

    return moves


OWN = BASE + "credential_process = /bin/other\n"


@pytest.mark.parametrize(
    ("wrong", "hint", "right"),
    [
        ((f"{BASE}aws_session_token = t\n",), "Only long-term keys go into the keyring.", (BASE,)),
        ((f"{BASE}[empty]\n", "empty"), "Choose a profile that has them.", (f"{BASE}[empty]\n",)),
        ((OWN,), "Remove it, or name another profile.", (BASE,)),
        ((OWN,), "Remove it, or name another profile.", (f"{OWN}[two]\n{KEYS}", "two")),
        (
            (BASE.replace("base", "my o"), "my o"),
            "Fix that, then try again. The file is unchanged.",
            (BASE.replace("base", "my-o"), "my-o"),
        ),
    ],
)
def test_keys_that_cannot_be_moved(moves, wrong, hint, right):
    refused(UsageError, hint, lambda: moves(*wrong))
    assert moves(*right)


def test_a_keyring_that_does_not_keep_or_give_keys(moves, unlocked):
    unlocked(False)
    hint = "Unlock it or install one that encrypts, such as GNOME Keyring or KWallet, and run this again."
    refused(UsageError, hint, lambda: moves(BASE))
    unlocked(True)
    assert moves(BASE)
    unlocked(False)
    refused(UsageError, "Unlock it, and check that you are the same user.", lambda: stored_keys.answer("base"))
    unlocked(True)
    assert stored_keys.answer("base")["AccessKeyId"] == "AKIAIOSFODNN7EXAMPLE"


def test_keys_that_cannot_be_put_back(places, moves):
    assert moves(f"{BASE}[two]\n{KEYS}", "two")
    hint = "Choose one whose credential_process is traycreds keys."
    refused(UsageError, hint, lambda: keyring_keys.put_back(OPTIONS, "base"))
    moved = places.credentials_file.read_text()
    write(places, credentials=moved.replace("[two]", "[my o]"))
    hint = "Fix that, then try again. The file is unchanged."
    refused(UsageError, hint, lambda: keyring_keys.put_back(OPTIONS, "my o"))
    write(places, credentials=moved)
    assert keyring_keys.put_back(OPTIONS, "two") == (places.credentials_file, True)
    assert KEYS in places.credentials_file.read_text().partition("[two]\n")[2]


@pytest.mark.parametrize("renames", [False, True])
def test_keys_of_two_profiles_of_one_name(places, moves, renames):
    assert moves(BASE)
    moved = places.credentials_file.read_text()
    new = BASE.replace("AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE")
    hint = "Put those back first, or give one of the two profiles another name."
    refused(UsageError, hint, lambda: moves(new))
    if renames:
        assert moves(new.replace("base", "base-2"), "base-2")
    else:
        write(places, credentials=moved)
        assert keyring_keys.put_back(OPTIONS, "base")[1]
        assert moves(new)


def test_a_new_role_of_a_profile_that_is_not_there(places):
    write(places)
    hint = "Add it to the AWS files first, or choose another one."
    refused(UsageError, hint, lambda: NewRole(OPTIONS).check_value("source_profile", "zzzzzzzz"))
    NewRole(OPTIONS).check_value("source_profile", "base")
    write(places, credentials=f"{BASE}[zzzzzzzz]\n{KEYS}")
    NewRole(OPTIONS).check_value("source_profile", "zzzzzzzz")


@pytest.fixture
def offered(places, home):
    """What is proposed, and what is left out, with some ~/.aws/config."""

    def offered(config):
        write(places, config=config)
        result = proposals.find(profiles.read_at(places), (), home)
        return [each.name for each in result.proposals], result.left_out

    return offered


def test_roles_that_leapp_keeps_are_written_by_hand(offered, home):
    (home / ".Leapp").mkdir()
    (home / ".Leapp" / "Leapp-lock.json").write_text("U2FsdGVkX1")
    names, (sentence,) = offered("")
    assert names == []
    assert sentence == (
        f"Leapp keeps its sessions encrypted ({home / '.Leapp' / 'Leapp-lock.json'}), so traycreds cannot read them. Add "
        "their roles to ~/.aws/config, and import again."
    )
    assert offered(DEV)[0] == ["dev"]


GRANTED = (
    "[profile g]\ngranted_sso_start_url = https://corp.awsapps.com/start\ngranted_sso_region = eu-west-1\n"
    "granted_sso_account_id = 123456789012\ngranted_sso_role_name = Admin\n"
)


def test_a_profile_of_granted_without_its_program(offered):
    names, (sentence,) = offered(GRANTED)
    assert names == []
    assert sentence == (
        "Profile g has granted's settings but no credential_process, so AWS tools cannot use it. "
        "Add to it: credential_process = granted credential-process --profile g"
    )
    line = sentence.partition("Add to it: ")[2]
    assert offered(f"{GRANTED}{line}\n") == (["g"], ())


LOGSMITH = """team:
  team: team
  region: eu-west-1
  auth_mode: sso
  profiles:
    - profile: admin
      account: "123456789012"
      role: Admin
"""


def test_a_profile_of_logsmith_that_signs_in(offered, home):
    (home / ".logsmith").mkdir()
    (home / logsmith.ACCOUNTS_FILE).write_text(LOGSMITH)
    names, (sentence,) = offered("")
    assert names == []
    assert sentence.endswith("Turn it into a profile with `aws configure sso`, and import again.")
    assert offered(PROFILE.format("admin") + SESSION) == (["admin"], ())
