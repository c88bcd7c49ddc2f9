"""Reads the sign-in tables of our configuration: which browser opens the page of one sign-in.

Collects every fault with its place, as `config.roles` does. An included file has no such table, because it names a
program.
"""

from __future__ import annotations

from collections.abc import Mapping

from traycreds.config.layers import SIGN_INS, Layers
from traycreds.config.schema import SIGN_IN_KEYS
from traycreds.core.model import BrowserChoice, Settings


def read(layers: Layers, settings: Settings) -> Mapping[str, BrowserChoice]:
    """The browser of each sign-in that has a table, by its name; faults are added to those of the layers."""
    common = settings.sign_in_opens_in
    found: dict[str, BrowserChoice] = {}
    for name in layers.table(layers.own, (SIGN_INS,)):
        own = layers.own_values((SIGN_INS, name), SIGN_IN_KEYS, f"of sign-in {name}")
        # A program of its own is started, or Firefox without any; either names the table to fix.
        of_table = "browser" in own or ("container" in own and not common.program)
        found[name] = BrowserChoice(
            program=own.get("browser", common.program),
            container=own.get("container", common.container),
            keys=f"browser or container in [{SIGN_INS}.{name}]" if of_table else common.keys,
        )
    return found
