"""What keeps texts over a restart, as those see it who have texts to keep."""

from __future__ import annotations

from typing import Protocol


class Keeper(Protocol):
    """Keeps texts over a restart: a Vault."""

    def load(self, name: str) -> str | None:
        """The text of a name, if there is one."""

    def save(self, name: str, text: str) -> bool:
        """Keep it; says whether it is kept."""

    def delete(self, name: str) -> None:
        """Forget it."""
