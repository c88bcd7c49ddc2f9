"""Shows changes in included files and accepts them: only then a text, or a program in it, counts.

What is accepted is what was shown, byte for byte, even if the file has changed since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from traycreds.awsfiles import profiles
from traycreds.config import loader
from traycreds.config.layers import ROLES, command_of
from traycreds.config.team_files.accepted_files import Accepted, AcceptedFiles, FileStatus, Included
from traycreds.config.team_files.diff import Changes, Tables, between
from traycreds.config.team_files.includes import IncludedFile, sources_of
from traycreds.core.errors import ConfigError, TraycredsError
from traycreds.core.value_class import field, value_class
from traycreds.state.paths import Paths


@value_class(kw_only=True)
class Review:
    """One included file: its changes against what counts now, and the error that prevents accepting it.

    `commands`: programs without consent, each with the roles that run them. `own`: the user's own role tables.
    """

    included: Included
    changes: Changes = field(default_factory=Changes)
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: Tables = field(default_factory=dict)
    error: TraycredsError | None = None

    @property
    def source(self) -> IncludedFile:
        """Which file."""
        return self.included.source

    @property
    def faulty(self) -> bool:
        """Whether it can be read, but not accepted as it is."""
        return self.included.found is not None and self.error is not None

    @property
    def waiting(self) -> bool:
        """Whether accepting would change the roles; new comments alone need no review."""
        new = self.included.accepted is None
        return self.included.file_status is FileStatus.WAITING and self.error is None and (new or bool(self.changes))


def find(paths: Paths) -> tuple[Review, ...]:
    """All included files, in the order of `include`, without the network. Raises ConfigError."""
    path = paths.config_file
    text = loader.text_of(path)
    if text is None:
        return ()
    document = loader.document(path, text)
    sources, _ = sources_of(document, path.parent)
    if not sources:
        return ()
    accepted_files = AcceptedFiles(paths.state_dir)
    included = [accepted_files.read_included(source) for source in sources]
    own = document.get(ROLES, {})
    trial = _Trial(paths, text, included)
    waiting = [each for each in included if each.file_status is FileStatus.WAITING]
    together = trial.error(waiting) if waiting else None
    return tuple(_review(each, own if isinstance(own, dict) else {}, trial, together) for each in included)


def accept(paths: Paths, decisions: Sequence[tuple[Review, frozenset[str]]]) -> None:
    """Let reviewed texts count, with the programs that were agreed to. Raises ConfigError: nothing changed."""
    path = paths.config_file
    accepted_files = AcceptedFiles(paths.state_dir)
    chosen = [review.included for review, _ in decisions]
    error = _Trial(paths, loader.text_of(path) or "", chosen).error(chosen)
    if error is not None:
        raise error
    for review, agreed in decisions:
        data = review.included.found
        assert data is not None, "this shows only what could be read"
        before = frozenset() if review.included.accepted is None else review.included.accepted.commands
        named = _commands(_tables(review.source, data), {})
        accepted_files.accept(review.source, data, frozenset(named) & (before | agreed))


class _Trial:
    def __init__(self, paths: Paths, text: str, included: Sequence[Included]) -> None:
        self._path = paths.config_file
        self._text = text
        self._aws = profiles.read_at(paths)
        accepted_files = AcceptedFiles(paths.state_dir)
        known = {each.source: each.accepted for each in included}
        self._counting = {
            source: known[source] if source in known else accepted_files.accepted(source)
            for source in loader.sources_in(self._path, text)
        }

    def error(self, candidates: Sequence[Included]) -> ConfigError | None:
        """What would be wrong if these texts counted as they are now."""
        # With all of their programs allowed, since a role that depends on one is left out otherwise.
        found = {
            each.source: Accepted(each.found, frozenset(_commands(_tables(each.source, each.found), {})))
            for each in candidates
            if each.found is not None
        }
        try:
            loader.parse(self._path, self._text, self._aws, {**self._counting, **found})
        except ConfigError as error:
            return error
        return None


def _review(included: Included, own: Tables, trial: _Trial, together: ConfigError | None) -> Review:
    if included.found is None:
        return Review(included=included, own=own, error=ConfigError(*(included.problem or ("", ""))))
    error = None
    if included.file_status is FileStatus.WAITING:
        error = trial.error([included])
        if error is None and together is not None and _names(together, included.source):
            error = together
        # The file needs another one that waits too, and is valid together with it.
        if error is not None and together is None:
            error = None
    if error is not None:
        return Review(included=included, own=own, error=error)
    new = old = _tables(included.source, included.found)
    accepted = included.accepted
    if accepted is None or accepted.data != included.found:
        old = {} if accepted is None else _tables(included.source, accepted.data)
    allowed = frozenset() if accepted is None else accepted.commands
    commands = {text: roles for text, roles in _commands(new, own).items() if text not in allowed}
    return Review(included=included, changes=between(old, new), commands=commands, own=own)


def _names(error: ConfigError, source: IncludedFile) -> bool:
    return any(problem.file == source.label for problem in error.problems)


def _tables(source: IncludedFile, data: bytes) -> Tables:
    """The role tables of a text; none if it is malformed, because it is refused anyway."""
    try:
        found = loader.document(source.label, loader.decoded(source.label, data)).get(ROLES, {})
    except ConfigError:
        # An older version accepted this text, and this version is stricter.
        return {}
    return found if isinstance(found, dict) else {}


def _commands(tables: Tables, own: Tables) -> dict[str, tuple[str, ...]]:
    """The programs that roles name, each with those roles, except where the user's own key wins."""
    found: dict[str, tuple[str, ...]] = {}
    for name, table in tables.items():
        mine: Mapping[str, Any] = own.get(name, {})
        for key, value in table.items() if isinstance(table, dict) else ():
            text = command_of(key, value)
            if text is not None and key not in mine:
                found[text] = (*found.get(text, ()), name)
    return found
