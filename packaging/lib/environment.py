"""Clean environments with locked versions, and what is made in them: wheel, SBOM, licence texts, frozen app.

What a build holds never depends on what happens to be installed: the app's environment has the locked dependencies and
our wheel, no pip, and PyInstaller only once the SBOM is written. Never changes the source tree.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from lib import pyinstaller, universal_wheels
from lib.metadata import ROOT

LOCKS = ROOT / "packaging" / "locks"
IMPORT_ALL = """
import importlib, pkgutil, sys, traycreds
for module in pkgutil.walk_packages(traycreds.__path__, "traycreds."):
    if module.name not in sys.argv[1:]:
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            if error.name not in ("tkinter", "_tkinter", "prompt_toolkit"):
                raise
"""
"""Imports all our modules except those that its arguments name, and what needs a toolkit or extra that is not there."""
_LICENCE_FILES = ("licen", "copying", "notice", "authors")


class Environments:
    """The two environments in a folder: `tools` builds and checks, `app` is what gets frozen.

    Attributes:
        platform: of the app, as `sys.platform` calls it.
    """

    platform = sys.platform

    def __init__(self, folder: Path, *, universal: bool = False) -> None:
        """Nothing is made before it is needed.

        Args:
            folder: of this build alone; the caller removes it.
            universal: the app is for both kinds of Mac, and so must be each library in it.
        """
        self.folder = folder
        self._universal = universal
        self._made: dict[str, Path] = {}

    def tool(self, module: str, *arguments: str | Path, **environ: str) -> None:
        """Run a locked tool as `python -m module`.

        Raises:
            subprocess.CalledProcessError: it failed; it has said why.
        """
        _run([self._python("tools", pip=True), "-m", module, *arguments], self.folder, environ)

    def wheel(self) -> Path:
        """Build the sdist, and from it the wheel; the folder that holds both."""
        out = self.folder / "python"
        if not out.exists():
            self.tool("build", "--no-isolation", "--outdir", out, ROOT)
        return out

    def app(self) -> Path:
        """The Python of the environment that holds the app and what it needs, and nothing else."""
        made = "app" in self._made
        python = self._python("app", pip=False)
        if not made:
            if self._universal:
                self._install(python, "--no-deps", "--force-reinstall", *self._fused())
            (wheel,) = self.wheel().glob("*.whl")
            self._install(python, "--no-deps", wheel)
        return python

    def _fused(self) -> list[Path]:
        """The locked wheels that exist for each kind of Mac alone, made one each."""
        wheels = self.folder / "wheels"
        for platform in universal_wheels.PLATFORMS:
            options = ("--no-deps", "--require-hashes", "--only-binary", ":all:", "--platform", platform)
            self.tool("pip", "download", "--quiet", *options, "-r", LOCKS / "app.txt", "-d", wheels / platform)
        apple, intel = universal_wheels.PLATFORMS
        return universal_wheels.fuse_all(wheels / apple, wheels / intel, wheels / "fused")

    def script(self, name: str, *arguments: str | Path) -> None:
        """Run a script below packaging/ that needs tools and the app's own code."""
        python = self._python("tools", pip=True)
        if "script" not in self._made:
            self._install(python, "--no-deps", *self.wheel().glob("*.whl"))
            self._made["script"] = python
        _run([python, ROOT / "packaging" / name, *arguments], self.folder, {})

    def sign_for_apple(self, app: Path, *arguments: str | Path) -> None:
        """Sign a macOS app in place; the arguments are those of lib/apple_signing.py.

        Raises:
            subprocess.CalledProcessError: it failed; it has said why.
        """
        script = ROOT / "packaging" / "lib" / "apple_signing.py"
        _run([self._python("sign", pip=True), script, app, *arguments], self.folder, {})

    def sbom(self, target: Path) -> None:
        """Write what the app's environment consists of, as CycloneDX JSON."""
        options = ("--pyproject", ROOT / "pyproject.toml", "--of", "JSON", "--output-reproducible", "-o", target)
        self.tool("cyclonedx_py", "environment", *options, self.app())
        bom = json.loads(target.read_text(encoding="utf-8"))
        # `cyclonedx_py` does not know the dynamic version of hatch.
        bom["metadata"]["component"]["version"] = self.version()
        target.write_text(json.dumps(bom, indent=2) + "\n", encoding="utf-8")

    def licences(self, target: Path) -> None:
        """Copy the licence texts of all that the app's environment consists of, a folder for each distribution."""
        for found in distributions(path=[str(self._packages())]):
            for file in _licence_files(found):
                place = target / found.metadata["Name"] / file.name
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place)
        python = self._licence_of_python()
        if python is not None:
            (target / "python").mkdir(exist_ok=True)
            shutil.copyfile(python, target / "python" / python.name)

    def write_legal_files(self, folder: Path) -> None:
        """Put our licence, those of the others and the SBOM beside an app. To be called before `freeze`."""
        folder.mkdir(parents=True, exist_ok=True)
        self.sbom(folder / "traycreds.cdx.json")
        self.licences(folder / "licenses")
        shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")

    def freeze(self, spec: Path) -> Path:
        """Run PyInstaller in the app's environment; the folder of what came out."""
        python = self.app()
        self._install(python, "--require-hashes", "-r", LOCKS / "freeze.txt")
        out, work = self.folder / "dist", self.folder / "pyinstaller"
        # PYSTRAY_BACKEND: PyInstaller imports pystray to look at it, which fails on Linux without a display.
        # PYTHONHASHSEED: the same input gives the same app.
        # SOURCE_DATE_EPOCH: Windows' programs hold the time at which they were made.
        environ = {"PYSTRAY_BACKEND": "dummy", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        environ["SOURCE_DATE_EPOCH"] = str(moment())
        # PyInstaller leaves out a module that does not compile or is not there, silently: import them all first.
        self._run_in_app(environ, "-c", IMPORT_ALL, *pyinstaller.elsewhere(self.platform))
        options = ("--noconfirm", "--log-level", "ERROR", "--distpath", out, "--workpath", work)
        self._run_in_app(environ, "-m", "PyInstaller", *options, spec)
        return out

    def _python(self, name: str, *, pip: bool) -> Path:
        """The Python of an environment, which is made at the first call."""
        if name not in self._made:
            place = self.folder / name
            # Windows' embedded Python, which the tests run under Wine, has no venv.
            import venv

            venv.EnvBuilder(with_pip=pip, symlinks=os.name != "nt").create(place)
            self._made[name] = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
            self._install(self._made[name], "--require-hashes", "-r", LOCKS / f"{name}.txt")
        return self._made[name]

    def _install(self, python: Path, *arguments: str | Path) -> None:
        """By the pip of the tools: the app's environment has none."""
        pip = self._python("tools", pip=True)
        _run([pip, "-m", "pip", "--python", python, "install", "--quiet", *arguments], self.folder, {})

    def _run_in_app(self, environ: Mapping[str, str], *arguments: str | Path) -> None:
        """Run the Python that gets frozen."""
        _run([self.app(), *arguments], self.folder, environ)

    def _licence_of_python(self) -> Path | None:
        """Where Windows' installer and python.org's builds have it; Debian's Python has it elsewhere."""
        places = (Path(sys.base_prefix), Path(os.__file__).parent)
        return next((place / "LICENSE.txt" for place in places if (place / "LICENSE.txt").exists()), None)

    def version(self) -> str:
        """Of the app that was installed."""
        return self._asked("import traycreds; print(traycreds.__version__)")

    def _packages(self) -> Path:
        """The site-packages of the app's environment."""
        return Path(self._asked("import sysconfig; print(sysconfig.get_path('purelib'))"))

    def _asked(self, code: str) -> str:
        """What the app's Python prints."""
        command: list[str | Path] = [self.app(), "-c", code]
        asked = subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True)
        return asked.stdout.strip()


def moment() -> int:
    """The time that a package's files carry, in seconds: SOURCE_DATE_EPOCH (reproducible-builds.org), or 1970."""
    return int(os.environ.get("SOURCE_DATE_EPOCH", "0"))


def _licence_files(distribution: Distribution) -> list[Path]:
    """The licence texts that a distribution brings, found by their names as pip does."""
    named = [file for file in distribution.files or () if file.name.lower().startswith(_LICENCE_FILES)]
    paths = [Path(str(distribution.locate_file(file))) for file in named if file.suffix not in (".py", ".pyc")]
    return [path for path in paths if path.is_file()]


def _run(command: list[str | Path], folder: Path, environ: Mapping[str, str]) -> None:
    """Run a command in our own folder: there, Python finds nothing of the source tree by accident."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    print("$", *command, file=sys.stderr)
    subprocess.run(command, cwd=folder, env={**kept, **environ}, check=True)
