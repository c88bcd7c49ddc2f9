"""Says in one line that included files wait for the user's word; costs nothing where nothing is included."""

from __future__ import annotations

import os

from traycreds.adapters import places
from traycreds.app.options import Options


def line(options: Options) -> str | None:
    """The line, or None."""
    where = places.locate(os.environ, options.config)
    try:
        if b"include" not in where.config_file.read_bytes():
            return None
    except OSError:  # told by the command itself
        return None
    from traycreds.app import team  # noqa: PLC0415 - see above

    return team.waiting(where)
