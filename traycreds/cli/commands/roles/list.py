"""`traycreds list`: the roles, from the files alone."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from traycreds.cli.display import streams
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.config import loaded_files
from traycreds.core.model import Role
from traycreds.core.text import end_cut
from traycreds.state.paths import locate


def show(parsed: argparse.Namespace) -> int:
    """`traycreds list`."""
    given = options(parsed)
    config = loaded_files.load(locate(os.environ, given.config), named=True).config
    if parsed.json:
        print(json.dumps({"roles": [_as_json(role) for role in config.roles]}, indent=2))
        return 0
    if not config.roles:
        complain("No role is configured, and ~/.aws/config has no profile with a role.", "Add one: traycreds add")
    width = streams.width_of(sys.stdout)
    for line in _names(config.roles) if width is None else _table(config.roles, width):
        print(line)
    if width is not None and config.discovered and config.roles:
        complain("These roles are from ~/.aws/config because none is configured. To configure one: traycreds add")
    return 0


def _names(roles: Sequence[Role]) -> list[str]:
    return [str(role.name) for role in roles]


def _table(roles: Sequence[Role], width: int) -> list[str]:
    rows = [(role.name, role.account_id or "", role.region or "", role.profile) for role in roles]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        end_cut(
            "  ".join((*(cell.ljust(size) for cell, size in zip(row, widths, strict=False) if size), row[3])), width
        )
        for row in rows
    ]


def _as_json(role: Role) -> dict[str, Any]:
    return {
        "name": role.name,
        "profile": role.profile,
        "account_id": role.account_id,
        "role_arn": role.arn,
        "source_profile": role.source_profile,
        "from_profile": role.from_profile,
        "region": role.region,
        "group": role.group,
        "keep": role.keep,
    }
