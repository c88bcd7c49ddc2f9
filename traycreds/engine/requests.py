"""What others ask of the loop that is no event."""

from __future__ import annotations

from collections.abc import Callable

from traycreds.core.snapshot import Snapshot
from traycreds.core.value_class import value_class


@value_class
class Barrier:
    """A place in the stream of messages; its callback is called when the loop has passed it."""

    passed: Callable[[Snapshot], None]


@value_class
class FileMayHaveChanged:
    """Somebody may have changed the credentials file."""
