"""Keeps the user's `Choices` in a file over restarts; a failure is only logged. Holds no secret."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from traycreds.core.engine_state import Choices, Keeping, Region
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import RoleName
from traycreds.core.text import from_rfc_3339, json_value, rfc_3339
from traycreds.files import atomic_write, contents

log = logging.getLogger(__name__)

NAME = "choices.json"
_VERSION = 1


def load(state_dir: Path) -> Choices:
    """The choices of the last run; empty without any, or if the file is damaged."""
    path = state_dir / NAME
    try:
        data = contents.read(path).data
        return Choices() if data is None else _decoded(json_value(data))
    except (CredentialsFileError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        log.warning("not using %s because it cannot be read (%s)", path, type(error).__name__)
        return Choices()


def save(state_dir: Path, choices: Choices) -> None:
    """Keep choices for the next run; blocks for the disk."""
    path = state_dir / NAME
    data = (json.dumps(_encoded(choices), indent=2) + "\n").encode()
    try:
        atomic_write.replace(path, data, expected=contents.read(path).data)
    except CredentialsFileError as error:
        log.warning("Your choices will not survive a restart: %s", error)
    except atomic_write.ChangedMeanwhileError:
        log.warning("Your choices will not survive a restart: another program changed %s meanwhile.", path)


def _encoded(choices: Choices) -> dict[str, Any]:
    roles = {
        name: {
            "keep": keeping.keep,
            "until": rfc_3339(keeping.until) if keeping.until else None,
            "configured": keeping.configured,
        }
        for name, keeping in choices.keeping.items()
    }
    regions = {
        name: {"region": choice.region, "configured": choice.configured} for name, choice in choices.regions.items()
    }
    return {
        "version": _VERSION,
        "default": choices.chosen,
        "recent": list(choices.recent),
        "roles": roles,
        "regions": regions,
    }


def _decoded(message: Any) -> Choices:
    if message["version"] != _VERSION:
        raise ValueError("another version")
    chosen = message["default"]
    return Choices(
        chosen=None if chosen is None else RoleName(str(chosen)),
        keeping={RoleName(name): _keeping(each) for name, each in message["roles"].items()},
        # Older versions kept no recent roles.
        recent=tuple(RoleName(str(name)) for name in message.get("recent", ())),
        regions={RoleName(name): _region(each) for name, each in message.get("regions", {}).items()},
    )


def _region(each: Any) -> Region:
    configured = each["configured"]
    return Region(region=str(each["region"]), configured=None if configured is None else str(configured))


def _keeping(each: Any) -> Keeping:
    until = each["until"]
    moment = from_rfc_3339(until)
    if moment is None and until is not None:
        raise ValueError("no moment with a zone")
    return Keeping(keep=each["keep"] is True, until=moment, configured=each["configured"] is True)
