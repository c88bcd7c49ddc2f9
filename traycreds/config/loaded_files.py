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
    """What all three files say.

    Attributes:
        aws: ~/.aws/config and the credentials file.
        config: our configuration, whose roles are those of `aws` if it has none.
    """

    aws: AwsProfiles
    config: Config


def load(paths: Paths, *, named: bool = False) -> Loaded:
    """Read all three files; from now on programs are looked for as they say.

    Args:
        paths: where all files lie.
        named: it is an error that the user names a configuration that is not there.

    Raises:
        ConfigError: an AWS file cannot be read, or our configuration has problems (all of them are told).
    """
    aws = profiles.read_at(paths)
    found = Loaded(aws, loader.load(paths, aws, named=named))
    login_path.of_this_process.allowed = found.config.settings.login_path
    return found
