"""Makes the recipes of package managers for a release that is built.

`python packaging/make_recipes.py --homepage URL --downloads URL [--dist DIR] [--sha256 NAME=HASH ...]` writes them all
below dist/recipes: Homebrew's cask and formula, the manifests of winget and Scoop, the AUR's PKGBUILD and .SRCINFO, and
Nix's. The hashes come from the files in DIR, or are given. `--only` names the recipes to make where not all files are
there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lib import metadata
from lib.recipes import ARCHIVES, RECIPES, WINGET_IDENTIFIER, RecipeError, Release, hashes_of, rendered


def write(release: Release, names: Sequence[str], out: Path) -> list[Path]:
    """Write recipes below a folder, all or none; the files.

    Raises:
        RecipeError: see `rendered`.
    """
    texts = {place: text for name in names for place, text in rendered(release, name).items()}
    for place, text in texts.items():
        (out / place).parent.mkdir(parents=True, exist_ok=True)
        (out / place).write_text(text, encoding="utf-8", newline="\n")
    return [out / place for place in texts]


def _hash(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=HASH")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Make the recipes of package managers for a release that is built.")
    parser.add_argument("--version", default=metadata.VERSION, help=f"default: {metadata.VERSION}")
    parser.add_argument("--homepage", required=True, metavar="URL", help="the project's home")
    parser.add_argument("--downloads", required=True, metavar="URL", help="the folder of the files; may hold {version}")
    parser.add_argument("--dist", type=Path, metavar="DIR", help="take the hashes of the files in this folder")
    parser.add_argument(
        "--sha256",
        type=_hash,
        action="append",
        default=[],
        metavar="NAME=HASH",
        help=f"the hash of a file; NAME is one of {', '.join(ARCHIVES)}",
    )
    parser.add_argument("--winget-identifier", default=WINGET_IDENTIFIER, metavar="PUBLISHER.PACKAGE")
    parser.add_argument("--only", nargs="+", choices=RECIPES, default=list(RECIPES), metavar="RECIPE")
    parser.add_argument("--out", type=Path, default=metadata.ROOT / "dist" / "recipes", help="default: dist/recipes")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code: 2 if a recipe cannot be made, and then none is."""
    parsed = _parser().parse_args(arguments)
    found = hashes_of(parsed.dist, parsed.version) if parsed.dist else {}
    release = Release(
        version=parsed.version,
        homepage=parsed.homepage,
        downloads=parsed.downloads,
        hashes={**found, **dict(parsed.sha256)},
        winget_identifier=parsed.winget_identifier,
    )
    try:
        files = write(release, parsed.only, parsed.out)
    except RecipeError as error:
        print(error, file=sys.stderr)
        return 2
    for file in files:
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
