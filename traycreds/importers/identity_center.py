"""Adds the accounts and roles of a sign-in to IAM Identity Center.

Writes their profiles to ~/.aws/config first, so that none of our roles names a missing one. Never changes an existing
section there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from traycreds.aws.sso.accounts import AccountList
from traycreds.aws.sso.session import SsoSession
from traycreds.aws.sso.token_cache import TokenFolder
from traycreds.aws.sso.token_refresh import Tokens
from traycreds.awsfiles import ini_edit
from traycreds.awsfiles.aws_file import encoding
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.awsfiles.profiles import PROFILE_PREFIX, AwsProfile, AwsProfiles, config_header, is_our_region
from traycreds.config import loaded_files
from traycreds.core.errors import ConfigError, UsageError
from traycreds.core.model import ProfileName
from traycreds.core.names import safe_name
from traycreds.core.value_class import replace
from traycreds.files.rewrite import rewrite
from traycreds.importers import add_roles, proposals
from traycreds.importers.add_roles import Offer
from traycreds.importers.proposals import Proposal
from traycreds.usecases import load, sign_in
from traycreds.usecases.options import Options


class Portal:
    """What one sign-in offers, in the steps of an import."""

    def __init__(self, options: Options, word: str) -> None:
        """Find the sign-in by its name, or that of a profile or role. Raises ConfigError; UsageError: none, legacy."""
        self._options = options
        self._paths = load.find_paths(options)
        session = sign_in.find(self._paths, word)
        if session.name is None:
            raise UsageError(
                f"{word} is a legacy sign-in without an sso-session.", "Create one with `aws configure sso`."
            )
        self._session, self._name = session, session.name
        self._new: dict[str, Mapping[str, str]] = {}

    def find_offer(self, *, fresh: bool, progress: Callable[[int, int], None]) -> Offer:
        """List accounts and roles, from a day-old cache unless `fresh`. Raises IssueError, ConfigError.

        `progress` gets the numbers of finished and of all accounts, from any thread.
        """
        accounts = _accounts(self._session, self._paths.state_dir).read(fresh=fresh, progress=progress)
        found = loaded_files.load(self._paths)
        aws, old = found.aws, found.config
        existing = () if old.discovered else old.roles
        there = {
            _identity(profile.settings): name
            for name, profile in reversed(list(aws.profiles.items()))
            if "role_arn" not in profile.settings
        }
        taken = {str(role.profile) for role in existing}
        origins: dict[str, str] = {}
        region = _region(aws, self._name)
        for account in accounts:
            for role in account.roles:
                values = {"sso_session": self._name, "sso_account_id": account.id, "sso_role_name": role}
                name = there.get(_identity(values))
                if name is None:
                    name = aws.free_name(f"{safe_name(account.name)}-{safe_name(role)}", taken)
                    self._new[name] = {**values, **region}
                    taken.add(name)
                origins[name] = f"{role} in {account.name} ({account.id})"
        offered = proposals.find(_with(aws, self._new), existing, Path.home()).proposals
        return Offer(
            path=self._paths.config_file,
            proposals=tuple(
                replace(each, origin=origins[source])
                for each in offered
                if (source := str(each.table.get("from_profile"))) in origins
            ),
            left_out=(),
            offered_now=len(old.roles) if old.discovered else 0,
        )

    def text_of(self, chosen: Sequence[Proposal]) -> str:
        """The additions to both files, ~/.aws/config first."""
        sections = self._sections(chosen)
        if not sections:
            return add_roles.text_of(chosen)
        text = ini_edit.change(IniText(""), sets=sections, kind=PROFILE_PREFIX).text
        tables = add_roles.text_of(chosen)
        return f"\n# in {self._paths.aws_config_file}\n\n{text}\n# in {self._paths.config_file}\n{tables}"

    def as_json(self, offer: Offer, chosen: Sequence[Proposal]) -> dict[str, Any]:
        """What would be added, in the form that scripts rely on."""
        added = {name.removeprefix(PROFILE_PREFIX): dict(values) for name, values in self._sections(chosen).items()}
        aws_config = {"file": str(self._paths.aws_config_file), "profiles": added}
        return {**add_roles.as_json(offer, chosen), "aws_config": aws_config}

    def add(self, chosen: Sequence[Proposal]) -> None:
        """Add profiles to ~/.aws/config, then our roles; safe to repeat. Raises ConfigError: a file is unchanged."""
        path, sections = self._paths.aws_config_file, self._sections(chosen)
        if sections:
            locks = self._paths.locks_dir
            rewrite(path, locks, lambda text: _added(path, text or "", sections), encoding=encoding())
        add_roles.add(self._options, chosen)

    def _sections(self, chosen: Sequence[Proposal]) -> dict[str, Mapping[str, str]]:
        sources = [str(proposal.table["from_profile"]) for proposal in chosen]
        return {config_header(name): self._new[name] for name in sources if name in self._new}


def _accounts(session: SsoSession, cache: Path) -> AccountList:
    tokens = Tokens(TokenFolder.of_this_user())
    return AccountList(session, tokens, lambda service: sign_in.connect(session, service), cache)


def _identity(settings: Mapping[str, str]) -> tuple[str | None, ...]:
    return tuple(settings.get(key) for key in ("sso_session", "sso_account_id", "sso_role_name"))


def _region(aws: AwsProfiles, session: str) -> dict[str, str]:
    """The region of new profiles: that of all others of the sign-in, else of the default profile, else none.

    A profile never inherits a region. A missing one is reported by every tool; a wrong guess would go unseen.
    """
    settings = [profile.settings for profile in aws.profiles.values()]
    found = {each["region"] for each in settings if each.get("sso_session") == session and each.get("region")}
    default = aws.profiles.get("default")
    users = default is not None and not is_our_region(default.settings)
    region = found.pop() if len(found) == 1 else default.settings.get("region") if default and users else None
    return {"region": region} if region else {}


def _with(aws: AwsProfiles, new: Mapping[str, Mapping[str, str]]) -> AwsProfiles:
    added = {
        name: AwsProfile(name=ProfileName(name), settings=values, file=aws.config_file, line=0)
        for name, values in new.items()
    }
    return replace(aws, profiles={**aws.profiles, **added})


def _added(path: Path, text: str, sections: Mapping[str, Mapping[str, str]]) -> str:
    hint = "Run this again; the file is unchanged."
    try:
        old = IniText(text)
        for name in sections:
            if name in old.sections:
                raise ConfigError(f"[{name}] was added to {path} in the meantime.", hint)
        return ini_edit.change(old, sets=sections, kind=PROFILE_PREFIX).text
    except ProfileTextError as error:
        sentence = f"Cannot add the profiles to {error.location(path)}: {error.cause}."
        raise ConfigError(sentence, "Fix that, then try again. The file is unchanged.") from error
