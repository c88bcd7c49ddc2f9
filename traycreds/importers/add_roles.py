"""Adds roles of other programs to our configuration.

Owns the order of steps and the added text. Never changes an existing byte, and writes only what `loader.parse` accepts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from traycreds.awsfiles import profiles
from traycreds.awsfiles.profiles import AwsProfiles
from traycreds.config import loaded_files, loader
from traycreds.config.loader import Config
from traycreds.config.template import HEAD
from traycreds.core.errors import ConfigError
from traycreds.core.value_class import value_class
from traycreds.files.rewrite import rewrite
from traycreds.importers import proposals
from traycreds.importers.proposals import Proposal
from traycreds.state.paths import Paths
from traycreds.usecases import load
from traycreds.usecases.options import Options

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@value_class(kw_only=True)
class Offer:
    """What can be added, and sentences about roles that cannot be.

    `offered_now`: how many roles of ~/.aws/config the app offers while none is configured; else 0.
    """

    path: Path
    proposals: tuple[Proposal, ...]
    left_out: tuple[str, ...]
    offered_now: int


def find_offer(options: Options) -> Offer:
    """Find all that can be added. Raises ConfigError: a file is unreadable, or a package to read it is missing."""
    paths = load.find_paths(options)
    now = loaded_files.load(paths)
    aws, old = now.aws, now.config
    found = proposals.find(aws, () if old.discovered else old.roles, Path.home())
    if found.missing and not found.proposals:
        raise found.missing
    good, bad = _acceptable(paths, aws, found.proposals)
    return Offer(
        path=paths.config_file,
        proposals=good,
        left_out=(*found.left_out, *bad),
        offered_now=len(old.roles) if old.discovered else 0,
    )


def text_of(chosen: Sequence[Proposal]) -> str:
    """The tables of these roles as TOML."""
    return "".join(
        (f"\n# {proposal.origin}" if proposal.origin else "")
        + f"\n[roles.{_key(proposal.name)}]\n"
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
    """Append the roles to our configuration, and create it if missing. Raises ConfigError: nothing was written."""
    paths = load.find_paths(options)
    aws = profiles.read_at(paths)
    rewrite(paths.config_file, paths.locks_dir, lambda text: appended(paths, aws, text, chosen))


def _acceptable(
    paths: Paths, aws: AwsProfiles, found: Sequence[Proposal]
) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
    good, bad = [], []
    names = {proposal.profile: proposal for proposal in found}
    for proposal in found:
        chain = [proposal]
        while (source := names.get(str(chain[-1].table.get("source_profile")))) and source not in chain:
            chain.append(source)
        try:
            loader.parse(paths.config_file, text_of(chain), aws)
        except ConfigError as error:
            what = error.problems[0].what if error.problems else error.sentence.rstrip(".")
            bad.append(f"{proposal.origin} was left out because {what}.")
        else:
            good.append(proposal)
    return tuple(good), tuple(bad)


def appended(paths: Paths, aws: AwsProfiles, text: str | None, chosen: Sequence[Proposal]) -> str:
    """The new text; it begins with the old one byte for byte (None: no file). Raises ConfigError: roles do not fit."""
    path = paths.config_file
    included = loader.included(paths, text or "")
    old = Config(roles=()) if text is None else loader.parse(path, text, aws, included)
    end = "\r\n" if text and "\r\n" in text else "\n"
    added = text_of(chosen).replace("\n", end)
    gap = end if text and not text.endswith("\n") else ""
    new_text = (HEAD if text is None else text) + gap + added
    try:
        new = loader.parse(path, new_text, aws, included)
    except ConfigError as error:
        hint = "Add them by hand; `traycreds import profiles --dry-run` prints them."
        raise ConfigError(f"Cannot append the roles to {path} in its current form.", hint, error.problems) from error
    kept = () if old.discovered else old.roles
    names = [*(role.name for role in kept), *(proposal.name for proposal in chosen)]
    if new.roles[: len(kept)] != kept or [role.name for role in new.roles] != names or new.settings != old.settings:
        raise ConfigError(f"That would change the meaning of {path}.", "Add the roles by hand.")
    return new_text


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _value(name)


def _value(value: str | int) -> str:
    """A TOML value; JSON strings are TOML strings, except that TOML wants DEL escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
