"""How to add an optional part to this installation, as text; runs nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from traycreds.shell.quoting import shell_word


def advice(requirement: str) -> str:
    """How to install a package beside this program; `requirement` is pip's, such as "botocore[crt]"."""
    if getattr(sys, "frozen", False):
        return f"This traycreds package cannot load it: install traycreds and {requirement} with pip."
    prefix = Path(sys.prefix)
    if "pipx" in prefix.parts:
        # Without --force, pipx skips a package that is there in part, such as botocore without awscrt.
        return f'Install it with: pipx inject --force {prefix.name} "{requirement}"'
    if prefix.parts[-3:-1] == ("uv", "tools"):
        # `uv tool install` would take traycreds itself from the index, wherever this one came from.
        return f'Install it with: uv pip install --python {shell_word(str(prefix))} "{requirement}"'
    python, where = shell_word(sys.executable), "with"
    # PowerShell takes a quoted path for a text, unless `&` runs it.
    if sys.platform == "win32" and python != sys.executable:
        python, where = f"& {python}", "in PowerShell with"
    return f'Install it {where}: {python} -m pip install "{requirement}"'
