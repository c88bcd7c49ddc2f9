"""Texts of config.toml, and of a team's file, in a chaos run: some are invalid."""

from __future__ import annotations

import random

BROKEN = (
    "[roles.dev\n",
    "x = " + "[" * 3000 + "]" * 3000 + "\n",
    ".".join(["a"] * 20_000) + " = 1\n",
    f'[roles.more]\nrole_arn = "arn:aws:iam::123456789012:role/more"\nduration = {"9" * 5000}\n',
    "\x00\x01\x02",
    "[roles.dev]\n" * 2,
    "[settings]\nmfa_session = 7\n",
    "[unheard]\nof = true\n",
    '[roles.more]\nrole_arn = "no arn"\nsource_profile = "base"\n',
)
TEAM_ROLE = '[roles.ours{}]\nrole_arn = "arn:aws:iam::123456789012:role/ours"\nsource_profile = "base"\n'


def changed(config: str, chances: random.Random) -> tuple[str, str]:
    """A good edit of a good configuration, and the name of the role that it adds, instead of one that an edit added before."""
    first, _, rest = config.partition("\n[roles.")
    lines = [line for line in first.splitlines() if not line.startswith("notify_before")]
    lines.append(f'notify_before = "{chances.randrange(2, 9)}m"')
    base = rest.partition("\n[roles.extra")[0]
    arn = "arn:aws:iam::123456789012:role/extra"
    name = f"extra{chances.randrange(1000)}"
    text = (
        "\n".join(lines) + "\n[roles." + base.rstrip()
        + f'\n\n[roles.{name}]\nrole_arn = "{arn}"\nsource_profile = "base"\n'
    )  # fmt: skip
    return text, name
