"""Signs, notarizes and staples a macOS app by apple-platform-py, on any system; sign_macos.py runs it.

In an environment of its own, with what locks/sign.txt names and none of our code.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import apple_platform
from apple_platform import notarize

ENTITLEMENTS = Path(__file__).resolve().parents[1] / "macos" / "entitlements.plist"
_NOTARY_SECONDS = 1800


def sign(app: Path, p12: Path | None, password: str, timestamps: str | None, *, for_notary: bool) -> None:
    """Sign every binary of an app and then the app, in place; without a certificate ad hoc.

    Args:
        app: the bundle.
        p12: the certificate and its key.
        password: of that file.
        timestamps: the address of a server for them; None for Apple's, "none" for none.
        for_notary: see to all that Apple's notary asks for, and fail where it is not given.
    """
    signer = apple_platform.Signer(p12=apple_platform.P12Key(path=p12, password=password)) if p12 else None
    # The hardened runtime of an ad-hoc signature would refuse the app's own libraries, which no team has signed.
    flags = ["runtime"] if p12 else []
    apple_platform.sign(
        app,
        signer=signer,
        entitlements_xml_file=ENTITLEMENTS,
        code_signature_flags=flags,
        timestamp_url=timestamps,
        for_notarization=for_notary,
    )


def notarize_and_staple(app: Path, key: Path) -> str:
    """Have Apple's notary look at an app, and staple the ticket to it; what the notary says."""
    credentials = notarize.NotaryCredentials(api_key_path=key)
    answer = notarize.submit(app, credentials, wait_seconds=_NOTARY_SECONDS)
    notarize.staple(app)
    return str(answer)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(description="Sign a macOS app.")
    parser.add_argument("app", type=Path)
    parser.add_argument("--p12", type=Path)
    parser.add_argument("--notary-key", type=Path)
    parser.add_argument("--timestamp-url")
    parsed = parser.parse_args(arguments)
    try:
        password, for_notary = os.environ.get("P12_PASSWORD", ""), parsed.notary_key is not None
        sign(parsed.app, parsed.p12, password, parsed.timestamp_url, for_notary=for_notary)
        if parsed.notary_key:
            print(notarize_and_staple(parsed.app, parsed.notary_key))
    except apple_platform.ApplePlatformError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
