"""What a person can ask of the program instead of the engine: values that menu and notices carry. Decides nothing."""

from __future__ import annotations

import enum
from typing import TypeAlias

from traycreds.core.model import RoleName
from traycreds.core.value_class import value_class


class UiCommand(enum.Enum):
    """What to do; the second group is about one role."""

    OPEN_CONFIG = "open_config"
    CHECK_CONFIG = "check_config"
    IMPORT_ROLES = "import_roles"
    ADD_ROLES = "add_roles"
    NEW_ROLE = "new_role"
    REVIEW_TEAM = "review_team"
    ACCEPT_TEAM = "accept_team"
    ALLOW_TEAM = "allow_team"
    START_AT_LOGIN = "start_at_login"
    NOT_AT_LOGIN = "not_at_login"
    OPEN_LOG = "open_log"
    ABOUT = "about"
    POINT_OUT = "point_out"
    FIND_ROLE = "find_role"
    QUIT = "quit"

    OPEN_CONSOLE = "open_console"
    COPY_PROFILE = "copy_profile"
    COPY_EXPORTS = "copy_exports"
    COPY_ACCOUNT = "copy_account"
    ENTER_CODE = "enter_code"
    SIGN_IN = "sign_in"


@value_class
class RoleCommand:
    """A command about one role."""

    command: UiCommand
    role: RoleName


Command: TypeAlias = UiCommand | RoleCommand

EVERYTHING = frozenset(UiCommand)
"""The default: everything works on this machine."""
