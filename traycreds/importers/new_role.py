"""One role that the user describes: checks it and appends it to our configuration. Never changes an existing role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from traycreds.awsfiles.ownership import MARKER
from traycreds.awsfiles.settings import region_names
from traycreds.config import loaded_files
from traycreds.config.schema import ROLE_KEYS
from traycreds.config.values import ValueFault
from traycreds.core.errors import ConfigError, UsageError
from traycreds.core.lookup import did_you_mean
from traycreds.core.names import SAFE_NAME, safe_name, unusable
from traycreds.files import rewrite
from traycreds.importers import add_roles
from traycreds.importers.proposals import Proposal
from traycreds.usecases import load
from traycreds.usecases.options import Options

Table: TypeAlias = Mapping[str, "str | bool"]
"""The keys of the role, in the order to write."""


class NewRole:
    """What a new role must fit."""

    def __init__(self, options: Options) -> None:
        """Read the files. Raises ConfigError: one of them cannot be read, or is wrong."""
        self._options = options
        self._paths = load.find_paths(options)
        found = loaded_files.load(self._paths)
        self._aws = found.aws
        self._roles = () if found.config.discovered else found.config.roles
        self.file = self._paths.config_file
        self.offered_now = len(found.config.roles) if found.config.discovered else 0
        """How many roles of ~/.aws/config the app offers while none is configured."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The profiles that hold credentials of the user's own; our sessions are none."""
        profiles = self._aws.profiles.items()
        return tuple(str(name) for name, profile in profiles if profile.static and MARKER not in profile.settings)

    def check_name(self, name: str) -> None:
        """Check a name. Raises UsageError: taken or invalid."""
        if not SAFE_NAME.fullmatch(name):
            raise UsageError(f'The role name "{name}" is not safe.', "Use letters, digits and _-/.%@:+ only.")
        if why := unusable(name):
            raise UsageError(f'The role name "{name}" {why}.', "Choose another name.")
        if any(role.name == name for role in self._roles):
            raise UsageError(f"There is already a role {name}.", f"Choose another name, or edit {self.file}.")

    def check_value(self, key: str, value: str) -> None:
        """Refuse the value of a key. Raises UsageError: it cannot be one."""
        try:
            ROLE_KEYS[key].rule(value)
        except ValueFault as fault:
            raise UsageError(f"{key} {fault.what}.", fault.hint) from fault
        if key == "region" and not region_names.is_region(value):
            raise UsageError(f'region "{value}" is not a region name.', region_names.meant_by(value))
        profiles = {str(name) for name in self._aws.profiles}
        if key == "source_profile":
            profiles |= {str(role.profile) for role in self._roles}
        if key in {"source_profile", "from_profile"} and value not in profiles:
            hint = did_you_mean(value, profiles, otherwise="Add it to the AWS files first, or choose another one.")
            raise UsageError(f"There is no profile {value}.", hint)

    def suggest_name(self, text: str) -> str:
        """A name for a role with this ARN, or taken from this profile."""
        return safe_name(text.rpartition("/")[2])

    def text(self, name: str, table: Table) -> str:
        """The table as TOML."""
        return add_roles.text_of([self._proposal(name, table)])

    def check(self, name: str, table: Table) -> None:
        """Refuse what our configuration would not accept. Raises UsageError: a bad value. Raises ConfigError."""
        self.check_name(name)
        # The configuration accepts any region, but doctor and AWS refuse a wrong one.
        if "region" in table:
            self.check_value("region", str(table["region"]))
        text = rewrite.read(self.file)
        try:
            add_roles.appended(self._paths, self._aws, text, [self._proposal(name, table)])
        except ConfigError as error:
            if not error.problems:
                raise
            problem = error.problems[0]
            key = problem.what.partition(" of role ")[0]
            what = problem.what if key in ROLE_KEYS else problem.what[:1].upper() + problem.what[1:]
            raise UsageError(f"{what}.", problem.hint) from error

    def add(self, name: str, table: Table) -> None:
        """Append the role to our configuration, created if missing. Raises ConfigError: nothing was written."""
        add_roles.add(self._options, [self._proposal(name, table)])

    def _proposal(self, name: str, table: Table) -> Proposal:
        return Proposal(name=name, table=table, origin="")
