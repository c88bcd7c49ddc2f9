"""Takes in what is there already: roles of other programs into our configuration, a foreign profile under a new name.

Owns the order of steps and the text that is added; prints nothing and asks nobody. Never changes a byte of the
configuration that was there, and writes nothing that `config.parse` does not accept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traycreds.adapters import awsconfig, config, proposals, references
from traycreds.adapters.awsconfig import AwsProfile, AwsProfiles, Kind
from traycreds.adapters.clock import SystemClock
from traycreds.adapters.config import Config
from traycreds.adapters.places import Places
from traycreds.adapters.proposals import Proposal
from traycreds.adapters.references import Reference
from traycreds.adapters.starter import HEAD
from traycreds.adapters.textfile import rewrite
from traycreds.app import setup
from traycreds.app.setup import Options
from traycreds.core.errors import ConfigError, UsageError

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What can be taken in.

    Attributes:
        path: our configuration.
        proposals: the roles that can be added.
        left_out: sentences about what cannot, with the reason.
        offered_now: how many roles of ~/.aws/config the app offers as long as none is configured; else 0.
    """

    path: Path
    proposals: tuple[Proposal, ...]
    left_out: tuple[str, ...]
    offered_now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a profile that was moved.

    Attributes:
        file: the credentials file.
        backup: the file as it was; None when the profile had been moved before.
        fixed: lines that named the profile as a source and now name its new name.
        left: lines that still name it.
        settings: the profile of ~/.aws/config that keeps its name, and so its settings, or None.
    """

    file: Path
    backup: Path | None
    fixed: tuple[Reference, ...]
    left: tuple[Reference, ...]
    settings: AwsProfile | None


def look(options: Options) -> Offer:
    """Find all that can be taken in.

    Raises:
        ConfigError: a file cannot be read, or our configuration is wrong.
    """
    where = setup.find_places(options)
    aws, old = _read(where)
    found = proposals.find(aws, () if old.discovered else old.roles, Path.home())
    good, bad = _acceptable(where, aws, found.proposals)
    return Offer(
        path=where.config_file,
        proposals=good,
        left_out=(*found.left_out, *bad),
        offered_now=len(old.roles) if old.discovered else 0,
    )


def text_of(chosen: Sequence[Proposal]) -> str:
    """The tables of these roles as TOML."""
    return "".join(
        f"\n# {proposal.origin}\n[roles.{_key(proposal.name)}]\n"
        + "".join(f"{key} = {_value(value)}\n" for key, value in proposal.table.items())
        for proposal in chosen
    )


def as_json(offer: Offer, chosen: Sequence[Proposal]) -> dict[str, Any]:
    """What would be added, in the form that scripts rely on."""
    return {
        "file": str(offer.path),
        "roles": [
            {"name": each.name, "table": dict(each.table), "origin": each.origin, "note": each.note} for each in chosen
        ],
        "left_out": list(offer.left_out),
    }


def add(options: Options, chosen: Sequence[Proposal]) -> None:
    """Append the roles to our configuration, which is made if it is not there.

    Raises:
        ConfigError: they do not fit what is there, or it cannot be written; it is as it was.
    """
    where = setup.find_places(options)
    aws = awsconfig.read(where.aws_config_file, where.credentials_file)
    rewrite(where.config_file, where.state_dir / "locks", lambda text: _appended(where, aws, text, chosen))


def take_over(options: Options, profile: str, new_name: str, *, fix_references: bool) -> Taken:
    """Give a foreign profile of the credentials file another name; optionally also where it is named as a source.

    Where it was moved before, references alone are changed.

    Raises:
        UsageError: there is no such profile, it is ours, or the new name is taken or not fit.
        ConfigError: another file cannot be read, so that nobody knows who names the profile; nothing was changed.
        CredentialsFileError: it cannot be written; it is as it was.
    """
    where = setup.find_places(options)
    store = setup.open_store(where, SystemClock())
    foreign = store.read().foreign
    aws = awsconfig.read(where.aws_config_file, where.credentials_file)
    before = references.find(where, profile)
    moved_before = fix_references and profile not in foreign and new_name in foreign
    backup = None
    if not moved_before:
        _check_free(aws, new_name)
        backup = store.take_over(profile, new_name)
    if fix_references:
        references.redirect(where, profile, new_name)
    left = references.find(where, profile)
    settings = aws.profiles.get(profile)
    return Taken(
        file=where.credentials_file,
        backup=backup,
        fixed=tuple(reference for reference in before if reference not in left),
        left=left,
        settings=settings if settings and settings.file == where.aws_config_file else None,
    )


def _check_free(aws: AwsProfiles, new_name: str) -> None:
    """Refuse a name under which AWS tools would not see the moved keys."""
    there = aws.profiles.get(new_name)
    if there is not None and there.kind not in {Kind.NOTHING, Kind.KEYS}:
        raise UsageError(
            f"Profile {new_name} is a profile with {there.kind.value} settings already ({there.file}, line "
            f"{there.line}).",
            f"Name another, such as --as {aws.free_name(new_name)}.",
        )


def _read(where: Places) -> tuple[AwsProfiles, Config]:
    aws = awsconfig.read(where.aws_config_file, where.credentials_file)
    return aws, config.load(where, aws)


def _acceptable(
    where: Places, aws: AwsProfiles, found: Sequence[Proposal]
) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
    """The proposals that our own rules accept, and for each other one a sentence."""
    good, bad = [], []
    names = {proposal.profile: proposal for proposal in found}
    for proposal in found:
        chain = [proposal]
        while (source := names.get(str(chain[-1].table.get("source_profile")))) and source not in chain:
            chain.append(source)
        try:
            config.parse(where.config_file, text_of(chain), aws)
        except ConfigError as error:
            what = error.problems[0].what if error.problems else error.sentence.rstrip(".")
            bad.append(f"{proposal.origin} is left out, since {what}.")
        else:
            good.append(proposal)
    return tuple(good), tuple(bad)


def _appended(where: Places, aws: AwsProfiles, text: str | None, chosen: Sequence[Proposal]) -> str:
    """The whole new text; what was there is its beginning, byte for byte."""
    path = where.config_file
    included = config.included(where, text or "")
    old = Config(roles=()) if text is None else config.parse(path, text, aws, included)
    end = "\r\n" if text and "\r\n" in text else "\n"
    added = text_of(chosen).replace("\n", end)
    gap = end if text and not text.endswith("\n") else ""
    new_text = (HEAD if text is None else text) + gap + added
    try:
        new = config.parse(path, new_text, aws, included)
    except ConfigError as error:
        hint = "Write them in by hand; `traycreds import --dry-run` prints them."
        raise ConfigError(f"The roles cannot be appended to {path} as it stands.", hint, error.problems) from error
    kept = () if old.discovered else old.roles
    names = [*(role.name for role in kept), *(proposal.name for proposal in chosen)]
    if new.roles[: len(kept)] != kept or [role.name for role in new.roles] != names or new.settings != old.settings:
        raise ConfigError(f"{path} would read otherwise than before.", "Write the roles in by hand.")
    return new_text


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _value(name)


def _value(value: str | int) -> str:
    """A TOML value; JSON's strings are TOML's but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
