"""Builds the Debian package: `python packaging/build_deb.py [--app FOLDER] [--out DIR]`.

Takes the one-folder app of build_linux.py, or builds it first. Nothing runs at installation or removal: Debian's own
triggers renew the caches, and starting at login is each user's choice (`traycreds autostart on`).
Needs dpkg and binutils. As everywhere in Debian, DEBFULLNAME and DEBEMAIL name the maintainer and SOURCE_DATE_EPOCH
gives the time of all files.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

import build_linux
from lib import metadata
from lib.environment import Environments

HERE = metadata.ROOT / "packaging" / "linux"

_CONTROL = """\
Package: traycreds
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {kibibytes}
Depends: {depends}
Recommends: default-dbus-session-bus | dbus-session-bus, libxcb1
Suggests: gnome-shell-extension-appindicator, zenity, wl-clipboard | xclip, gnome-keyring | kwalletmanager
Section: utils
Priority: optional
Description: keep AWS role sessions alive, from the tray
 traycreds assumes your AWS roles, renews each session before it ends, and
 writes it to the shared credentials file, where every AWS tool finds it.
 A click in the tray menu makes a role the default profile. The file is
 replaced in one step, and what traycreds did not write is never changed.
 .
 "traycreds demo" shows it in a sandbox against a simulated AWS;
 "traycreds autostart on" starts it at login.
"""

_COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: traycreds
Comment: The package holds Python and the libraries that traycreds needs, as
 listed in traycreds.cdx.json beside this file; their licence texts are in the
 folder licenses beside this file.

Files: *
Copyright: 2026 The traycreds authors
License: MIT
{licence}
"""

_OVERRIDES = """\
# The app brings Python and its libraries, as PyInstaller and Pillow's wheel package them.
traycreds: embedded-library
traycreds: shared-library-lacks-prerequisites
traycreds: library-not-linked-against-libc
# The loader is PyInstaller's, as it comes.
traycreds: hardening-no-pie [usr/lib/traycreds/traycreds]
# Bytecode lies behind the loader; without it this is not a program.
traycreds: unstripped-binary-or-object [usr/lib/traycreds/traycreds]
# The wheels' libraries are found beside them.
traycreds: custom-library-search-path
"""


def build(app: Path, out: Path) -> Path:
    """Build the package from the one-folder app; the file.

    Raises:
        subprocess.CalledProcessError: dpkg's tools failed.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="traycreds-deb-") as scratch:
        tree, environments = Path(scratch) / "tree", Environments(Path(scratch) / "environments")
        version = _output_of(app / "traycreds", "--version").split()[-1]
        _fill(tree, app, environments, version)
        control = tree / "DEBIAN"
        control.mkdir()
        files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
        sums = "".join(
            f"{hashlib.md5(file.read_bytes()).hexdigest()}  {file.relative_to(tree)}\n"  # noqa: S324 - dpkg's format
            for file in files
        )
        (control / "md5sums").write_text(sums, encoding="ascii")
        architecture = _output_of("dpkg", "--print-architecture")
        text = _CONTROL.format(
            version=_debian(version),
            architecture=architecture,
            maintainer=_maintainer(),
            kibibytes=sum(-(-file.stat().st_size // 1024) for file in files),
            depends=_depends(tree / "usr/lib/traycreds"),
        )
        (control / "control").write_text(text, encoding="utf-8")
        for path in [tree, *tree.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path == tree / "usr/lib/traycreds/traycreds" else 0o644)
        package = out / f"traycreds_{_debian(version)}_{architecture}.deb"
        environ = {"SOURCE_DATE_EPOCH": str(int(_moment().timestamp())), **os.environ}
        command: list[str | Path] = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, package]
        subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL)
        return package


def _fill(tree: Path, app: Path, environments: Environments, version: str) -> None:
    """Put every file in its place; modes come last."""
    library, share = tree / "usr/lib/traycreds", tree / "usr/share"
    papers = share / "doc/traycreds"
    shutil.copytree(app, library, symlinks=True, ignore=shutil.ignore_patterns("licenses", "LICENSE", "*.cdx.json"))
    shutil.copytree(app / "licenses", papers / "licenses")
    shutil.copyfile(app / "traycreds.cdx.json", papers / "traycreds.cdx.json")
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "usr/bin/traycreds").symlink_to("../lib/traycreds/traycreds")

    environments.script("docs/icons.py", environments.folder / "icons")
    shutil.copytree(environments.folder / "icons/icons", share / "icons")
    _zip((metadata.ROOT / "packaging/docs/traycreds.1").read_bytes(), share / "man/man1/traycreds.1.gz")

    _write(share / "applications/traycreds.desktop", (HERE / "traycreds.desktop").read_text(encoding="utf-8"))
    _write(share / f"metainfo/{metadata.IDENTIFIER}.metainfo.xml", metainfo(version))
    licence = "".join(f" {line}\n" if line else " .\n" for line in _licence().splitlines())
    _write(papers / "copyright", _COPYRIGHT.format(licence=licence.rstrip("\n")))
    entry = f"traycreds ({_debian(version)}) unstable; urgency=medium\n\n  * See CHANGELOG.md of the release.\n\n"
    stamp = _moment().strftime("%a, %d %b %Y %H:%M:%S +0000")
    _zip(f"{entry} -- {_maintainer()}  {stamp}\n".encode(), papers / "changelog.gz")
    _zip((metadata.ROOT / "CHANGELOG.md").read_bytes(), papers / "CHANGELOG.md.gz")
    _write(share / "lintian/overrides/traycreds", _OVERRIDES)


def metainfo(version: str) -> str:
    """The AppStream description."""
    template = (HERE / "metainfo.xml.in").read_text(encoding="utf-8")
    names = {"identifier": metadata.IDENTIFIER, "authors": metadata.AUTHORS, "version": version}
    return template.format(**names, date=_moment().strftime("%Y-%m-%d"))


def _depends(app: Path) -> str:
    """What the system must bring: its C library, no older than any symbol asks for, and zlib for PyInstaller's loader.

    dpkg-shlibdeps would ask for the packages of all that the app brings itself.
    """
    binaries = [app / "traycreds", *(path for path in app.rglob("*.so*") if path.is_file())]
    table = _output_of("objdump", "-T", *binaries)
    newest = max(tuple(map(int, found)) for found in re.findall(r"GLIBC_(\d+)\.(\d+)", table))
    return f"libc6 (>= {newest[0]}.{newest[1]}), zlib1g"


def _debian(version: str) -> str:
    """A Python version as Debian sorts it: what comes before a release gets a tilde."""
    return re.sub(r"\.?(a|b|rc|dev)(?=\d)", r"~\1", version)


def _maintainer() -> str:
    """The default belongs to nobody, like IDENTIFIER: name a person for a release."""
    name = os.environ.get("DEBFULLNAME", metadata.AUTHORS)
    return f"{name} <{os.environ.get('DEBEMAIL', 'traycreds@users.noreply.github.com')}>"


def _moment() -> datetime:
    """The time that all files get."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(given), timezone.utc) if given else datetime.now(timezone.utc)


def _licence() -> str:
    """The licence's terms, without its heading and copyright line, which the fields of the file say."""
    return (metadata.ROOT / "LICENSE").read_text(encoding="utf-8").split("\n\n", 2)[2]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _zip(data: bytes, path: Path) -> None:
    """Compress as Debian's policy asks: best, no name, no time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, 9, mtime=0))


def _output_of(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build the Debian package.")
    parser.add_argument("--app", type=Path, help="the one-folder app; built if it is not given")
    parser.add_argument("--out", type=Path, default=metadata.ROOT / "dist", help="default: dist/")
    parsed = parser.parse_args(arguments)
    app = parsed.app or build_linux.build(parsed.out.absolute()).folder
    print(build(app.absolute(), parsed.out.absolute()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
