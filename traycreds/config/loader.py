"""Reads our TOML file into Roles and Settings, and finds all faults at once. `config.schema` has the keys."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traycreds.awsfiles.profiles import AwsProfiles, discover
from traycreds.config import accounts, toml_text
from traycreds.config.layers import SETTINGS, SIGN_INS, Layer, Layers
from traycreds.config.roles import Roles
from traycreds.config.schema import ROLE_KEYS, SETTING_KEYS, SIGN_IN_KEYS
from traycreds.config.team_files.includes import INCLUDE, IncludedFile, may_include, sources_of
from traycreds.config.toml_text import lines_of
from traycreds.config.values import PATH_EXAMPLE
from traycreds.core.errors import ConfigError, CredentialsFileError, Problem
from traycreds.core.model import BrowserChoice, Role, Settings
from traycreds.core.text import printable
from traycreds.core.value_class import field, value_class
from traycreds.files import contents
from traycreds.state.paths import Paths

if TYPE_CHECKING:
    from traycreds.config.team_files.accepted_files import Accepted, AcceptedFiles

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


_NOTHING: Mapping[IncludedFile, Accepted | None] = {}


@value_class(kw_only=True)
class Config:
    """What is configured.

    Attributes:
        discovered: the file names no role, so these come from ~/.aws/config.
        includes: the file names files of others.
        sign_in_browsers: of each sign-in that has a table.
        unused, unused_accounts: tables that change a role of no accepted included file; of accounts without a role.
    """

    roles: tuple[Role, ...]
    settings: Settings = field(default_factory=Settings)
    discovered: bool = False
    includes: bool = False
    sign_in_browsers: Mapping[str, BrowserChoice] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    unused_accounts: tuple[str, ...] = ()

    def sign_in_browser(self, session: str) -> BrowserChoice:
        """The browser that opens the page of a sign-in."""
        return self.sign_in_browsers.get(session) or self.settings.sign_in_opens_in


def load(paths: Paths, aws: AwsProfiles, *, named: bool = False) -> Config:
    """Read the configuration; without a role in it, the roles are those of ~/.aws/config.

    Of included files the accepted text counts. `named`: a missing file is an error. Raises ConfigError with every
    problem.
    """
    path = paths.config_file
    text = text_of(path)
    if text is None:
        if named and paths.config_named:
            hint = "Fix --config or TRAYCREDS_CONFIG, or make one with `traycreds import`."
            raise ConfigError(f"There is no configuration file {path}.", hint)
        return Config(roles=accounts.marked(discover(aws), accounts.NO_MARKS, production=True), discovered=True)
    return parse(path, text, aws, included(paths, text))


def parse(
    path: Path, text: str, aws: AwsProfiles, counting: Mapping[IncludedFile, Accepted | None] = _NOTHING
) -> Config:
    """What a text at `path` means; `counting` has the accepted text of each include. Raises ConfigError."""
    texts = {source: accepted for source, accepted in counting.items() if accepted is not None}
    own = Layer(str(path), text, document(path, text))
    layers = Layers(own, [_layer(source, accepted) for source, accepted in texts.items()])
    for fault in sources_of(own.document, path.parent)[1]:
        layers.fault((INCLUDE,), f"{INCLUDE} {fault.what}", fault.hint)
    settings = Settings(**layers.own_values((SETTINGS,), SETTING_KEYS, "in [settings]"))
    browsers = _sign_in_browsers(layers, settings) if SIGN_INS in own.document else {}
    marks = accounts.read(layers)
    roles = Roles(aws, layers).read()
    if layers.faults:
        raise _error(layers)
    roles = roles if layers.tables else discover(aws)
    return Config(
        roles=accounts.marked(roles, marks, production=settings.mark_production),
        settings=settings,
        sign_in_browsers=browsers,
        discovered=not layers.tables,
        includes=bool(counting),
        unused=tuple(layers.unused),
        unused_accounts=accounts.unused(roles, marks),
    )


def _sign_in_browsers(layers: Layers, settings: Settings) -> Mapping[str, BrowserChoice]:
    """The browser of each sign-in that has a table. Included files have none, because it names a program."""
    common = settings.sign_in_opens_in
    found: dict[str, BrowserChoice] = {}
    for name in layers.table(layers.own, (SIGN_INS,)):
        own = layers.own_values((SIGN_INS, name), SIGN_IN_KEYS, f"of sign-in {name}")
        # A program of its own is started, or Firefox without any; either names the table to fix.
        of_table = "browser" in own or ("container" in own and not common.program)
        found[name] = BrowserChoice(
            program=own.get("browser", common.program),
            container=own.get("container", common.container),
            keys=f"browser or container in [{SIGN_INS}.{name}]" if of_table else common.keys,
        )
    return found


def included(paths: Paths, text: str) -> dict[IncludedFile, Accepted | None]:
    """What counts of each file that a configuration includes. Raises ConfigError: not TOML."""
    sources = sources_in(paths.config_file, text)
    if not sources:
        return {}
    accepted_files = _accepted_files(paths)
    return {source: accepted_files.accepted(source) for source in sources}


def includes(paths: Paths) -> bool:
    """Whether the configuration includes other files, if it can be read."""
    return bool(_sources_at(paths))


def _sources_at(paths: Paths) -> Sequence[IncludedFile]:
    try:
        return sources_in(paths.config_file, text_of(paths.config_file) or "")
    except ConfigError:
        # The reader of the configuration reports this error.
        return ()


def files_of(paths: Paths) -> tuple[Path, ...]:
    """The files whose change can change the roles, with included ones as known now."""
    always = (paths.config_file, paths.aws_config_file)
    sources = _sources_at(paths)
    if not sources:
        return always
    files = (Path(source.key) for source in sources if source.pin is None)
    return (*always, _accepted_files(paths).list, *files)


def _accepted_files(paths: Paths) -> AcceptedFiles:
    from traycreds.config.team_files.accepted_files import AcceptedFiles

    return AcceptedFiles(paths.state_dir)


def sources_in(path: Path, text: str) -> tuple[IncludedFile, ...]:
    """The files that a text includes, without wrong names (see `parse`). Raises ConfigError: not TOML."""
    return sources_of(document(path, text), path.parent)[0] if may_include(text) else ()


def _layer(source: IncludedFile, accepted: Accepted) -> Layer:
    text = decoded(source.label, accepted.data)
    return Layer(source.label, text, document(source.label, text), accepted.commands)


def document(path: Path | str, text: str) -> dict[str, Any]:
    """The tables of a text, whatever they hold. Raises ConfigError: it is no TOML, or beyond a bound."""
    try:
        toml_text.check(text)
        return tomllib.loads(text)
    except toml_text.LimitError as error:
        location = f"line {error.line}"
        problem = Problem(location, error.what, error.hint)
        raise ConfigError(f"{path}, {location}: {error.what}.", error.hint, (problem,)) from error
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, text, error) from error


def line_numbers(text: str) -> Mapping[tuple[str, ...], int]:
    """The line of each table and key of a TOML text, by its path."""
    return lines_of(text, tomllib.loads)


def text_of(path: Path) -> str | None:
    """The text of the file without a byte order mark; None if missing. Raises ConfigError: unreadable, or not UTF-8."""
    try:
        if (stamp := contents.stamp(path)) is not None and stamp.size > toml_text.BYTES:
            sentence = f"{path} is larger than {toml_text.BYTES // 1024**2} MiB."
            raise ConfigError(sentence, "A thousand roles need a fifth of that: check its contents.")
        data = contents.read(path).data
    except CredentialsFileError as error:
        if isinstance(error.__cause__, NotADirectoryError):
            return None
        of_path = isinstance(error, contents.PathError) or isinstance(error.__cause__, IsADirectoryError)
        hint = error.hint if of_path else "Give your user permission to read it."
        raise ConfigError(error.sentence, hint) from error
    return None if data is None else decoded(path, data)


def decoded(path: Path | str, data: bytes) -> str:
    """The text of bytes without a byte order mark; `path` is for messages. Raises ConfigError: not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what, hint = "a byte that is not UTF-8", "Save the file as UTF-8."
        raise ConfigError(f"{path}, line {line}: {what}.", hint, (Problem(f"line {line}", what, hint),)) from error


def _syntax_error(path: Path | str, text: str, error: Exception) -> ConfigError:
    """The message of tomllib ends with "(at line 3, column 5)" or "(at end of document)"."""
    what, _, at = str(error).rpartition(" (at ")
    location = at.rstrip(")")
    if not location.startswith("line "):
        location = f"line {len(text.splitlines())}"
    what = f"invalid TOML: {what[:1].lower()}{what[1:]}"
    hint = "Put strings in quotes and lists in [ ], and give each table one [header]."
    line = text.split("\n")[int(location.removeprefix("line ").split(",")[0]) - 1]
    if re.search(r"\"[A-Za-z]:\\", line):
        hint = f"Put a Windows path in single quotes, {PATH_EXAMPLE}"
    return ConfigError(f"{path}, {location}: {what}.", hint, (Problem(location, what, hint),))


def _error(layers: Layers) -> ConfigError:
    """One error of all faults; looks up the lines, which is only worth it now."""
    own = layers.own
    several = any(fault.layer is not own for fault in layers.faults)
    lines = {
        layer.label: line_numbers(layer.text)
        for layer in {fault.layer.label: fault.layer for fault in layers.faults}.values()
    }
    placed: list[tuple[bool, str, int, Problem]] = []
    for fault in layers.faults:
        here, at = lines[fault.layer.label], fault.path
        known = next((at[:depth] for depth in range(len(at), 0, -1) if at[:depth] in here), ())
        location = f"line {here[known]}" if known else " ".join(at[:2]).replace("roles ", "role ")
        file = fault.layer.label if several else ""
        hint = fault.hint + ("" if fault.layer is own else _way_out(at))
        problem = Problem(location, printable(fault.what), printable(hint), file)
        placed.append((fault.layer is not own, fault.layer.label, here.get(known, 0), problem))
    problems = tuple(problem for *_, problem in sorted(placed, key=lambda each: each[:3]))
    first = problems[0]
    if len(problems) == 1:
        return ConfigError(f"{first.file or own.label}, {first.location}: {first.what}.", first.hint, problems)
    sentence = f"{own.label} has {len(problems)} problems, the first in {first.full_location}: {first.what}."
    return ConfigError(sentence, first.hint, problems)


def _way_out(at: tuple[str, ...]) -> str:
    """What to do about a key in someone else's file: the user's own key wins."""
    return f" A key in [{'.'.join(at[:2])}] of your own file would win." if at[2:] and at[2] in ROLE_KEYS else ""
