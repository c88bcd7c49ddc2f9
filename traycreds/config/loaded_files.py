"""Both AWS files and our configuration, read at one moment; what most commands begin with."""

from __future__ import annotations

from traycreds.awsfiles import profiles
from traycreds.awsfiles.profiles import AwsProfiles
from traycreds.config import loader
from traycreds.config.loader import Config
from traycreds.core.value_class import value_class
from traycreds.process.programs import login_path
from traycreds.state.paths import Paths


@value_class
class Loaded:
    """What all three files say; without roles in our configuration, `config` has those of `aws`."""

    aws: AwsProfiles
    config: Config


def load(paths: Paths, *, named: bool = False) -> Loaded:
    """Read all three files, and look for programs as they say. Raises ConfigError with every problem."""
    return load_ours(paths, profiles.read_at(paths), named=named)


def load_ours(paths: Paths, aws: AwsProfiles, *, named: bool = False) -> Loaded:
    """The same for who needs AWS's files, which were read before, even if ours is wrong. Raises ConfigError."""
    found = Loaded(aws, loader.load(paths, aws, named=named))
    login_path.of_this_process.allowed = found.config.settings.login_path
    return found
