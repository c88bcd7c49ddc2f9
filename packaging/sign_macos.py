"""Signs a macOS app without a Mac: `python packaging/sign_macos.py traycreds.app --p12 FILE [--notary-key FILE]`.

For an app that build_macos.py made somewhere else, unpacked by a program that keeps symbolic links (`unzip`). FILE of
`--p12` holds a Developer ID certificate with its key, and P12_PASSWORD is its password; without it the signature is ad
hoc. FILE of `--notary-key` is a key of App Store Connect as JSON, as rcodesign makes it: Apple's notary then looks at
the app, and its ticket is stapled to it. On a Mac, build_macos.py does all this by Apple's own programs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lib.environment import Environments


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code: 1 if it could not be signed, 2 if a file is not there."""
    parser = argparse.ArgumentParser(description="Sign a macOS app without a Mac.")
    parser.add_argument("app", type=Path, help="the bundle, which is changed in place")
    parser.add_argument("--p12", type=Path, metavar="FILE", help="certificate and key; the password is P12_PASSWORD")
    parser.add_argument("--notary-key", type=Path, metavar="FILE", help="notarize and staple with this key")
    parser.add_argument("--timestamp-url", metavar="URL", help="default: Apple's; none where there is no connection")
    parsed = parser.parse_args(arguments)
    options: list[str | Path] = ["--timestamp-url", parsed.timestamp_url] if parsed.timestamp_url else []
    for name, file in (("--p12", parsed.p12), ("--notary-key", parsed.notary_key)):
        if file is not None:
            options += [name, file.absolute()]
    for file in (parsed.app / "Contents" / "Info.plist", parsed.p12, parsed.notary_key):
        if file is not None and not file.exists():
            print(f"{file} is not there", file=sys.stderr)
            return 2
    if parsed.notary_key and not parsed.p12:
        print("--notary-key needs --p12: Apple's notary refuses an ad-hoc signature", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="traycreds-sign-") as scratch:
        try:
            Environments(Path(scratch)).sign_for_apple(parsed.app.absolute(), *options)
        except subprocess.CalledProcessError:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
