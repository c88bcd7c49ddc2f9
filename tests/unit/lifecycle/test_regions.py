"""Which region a profile gets in ~/.aws/config, as the user chose it or the configuration says."""

from __future__ import annotations

import json
from pathlib import Path

import botocore
import pytest

from tests.support.builders import HOUR, NOW, a_failure, a_role, a_session, a_state
from traycreds.core.engine_state import Session, State
from traycreds.core.errors import FailureKind
from traycreds.core.events import ConfigChanged, RegionChosen, RegionsRefused
from traycreds.core.model import Refusal, Settings
from traycreds.core.value_class import replace
from traycreds.lifecycle import apply, presentation, regions

DEV = a_role("dev", region="eu-west-1")
ON_FILE = a_session("dev", role=DEV, expires_in=HOUR)
OFF = Session(role=DEV)


def desired(state: State, before=None) -> dict[str, str | None]:
    """What the plan has ~/.aws/config say in the end."""
    planned, actions = regions.bring_about(replace(state, desired_regions=before or {}))
    assert [action.regions for action in actions] in ([], [planned.desired_regions])
    assert regions.bring_about(planned) == (planned, ()), "once is enough"
    return dict(planned.desired_regions)


def the_view(state: State):
    return presentation.snapshot(NOW, state).roles[0]


def test_a_choice_holds_until_it_is_taken_back_or_the_configuration_changes():
    state = apply.apply(a_state(OFF), RegionChosen("dev", "us-east-1"))
    assert (the_view(state).region, the_view(state).configured_region) == ("us-east-1", "eu-west-1")
    kept = apply.apply(state, ConfigChanged((replace(DEV, group="x"),), Settings()))
    assert the_view(kept).region == "us-east-1"
    edited = apply.apply(state, ConfigChanged((replace(DEV, region="sa-east-1"),), Settings()))
    assert the_view(edited).region == "sa-east-1"
    back = apply.apply(state, RegionChosen("dev", None))
    assert the_view(back).region == "eu-west-1"


def test_choosing_what_is_configured_is_no_choice():
    state = apply.apply(apply.apply(a_state(OFF), RegionChosen("dev", "us-east-1")), RegionChosen("dev", "eu-west-1"))
    assert state.sessions[0].region is None


def test_a_choice_does_not_touch_the_role_that_sts_is_asked_for():
    assert apply.apply(a_state(OFF), RegionChosen("dev", "us-east-1")).sessions[0].role == DEV


@pytest.mark.parametrize(
    ("session", "has"),
    [
        (ON_FILE, "eu-west-1"),
        (replace(ON_FILE, keep=False), "eu-west-1"),
        (replace(OFF, keep=True), "eu-west-1"),
        (OFF, None),
        (replace(ON_FILE, region="us-east-1"), "us-east-1"),
        (a_session("dev", expires_in=HOUR), None),
        (replace(OFF, keep=True, failure=a_failure(FailureKind.FILE)), None),
        (replace(OFF, keep=True, failure=a_failure(FailureKind.NETWORK)), "eu-west-1"),
    ],
    ids=["on file", "not kept", "kept", "off", "chosen", "none said", "profile is another's", "no network"],
)
def test_a_profile_has_its_region_as_long_as_its_session_is_there_or_renewed(session, has):
    assert desired(a_state(session)) == {"dev-session": has, "default": None}


def test_nothing_is_desired_before_the_credentials_file_is_known():
    assert desired(replace(a_state(OFF), file_known=False)) == {}


def test_the_default_profile_has_the_region_of_the_role_that_it_is():
    assert desired(a_state(ON_FILE, chosen="dev"))["default"] == "eu-west-1"


def test_a_default_profile_that_is_someone_elses_gets_none():
    state = a_state(ON_FILE, chosen="dev", default_due=True, default_failure=a_failure(FailureKind.FILE))
    assert desired(state, {"default": "eu-west-1"})["default"] is None


def test_while_the_default_profile_changes_it_keeps_its_region():
    state = a_state(ON_FILE, chosen="dev", default_due=True)
    assert "default" not in desired(state)
    assert desired(state, {"default": "us-east-1"})["default"] == "us-east-1"


def test_a_role_that_writes_the_default_profile_itself():
    session = a_session("dev", role=replace(DEV, profile="default"), expires_in=HOUR)
    assert desired(a_state(session)) == {"default": "eu-west-1"}
    assert desired(a_state(session), {"default": "us-east-1"}) == {"default": "eu-west-1"}


def test_a_role_that_is_configured_no_more_has_none():
    before = desired(a_state(ON_FILE))
    assert desired(a_state(a_session("prod")), before) == {"dev-session": None, "prod-session": None, "default": None}


def test_what_blocks_a_write_is_shown_at_the_role_and_for_default_at_the_chosen_one():
    state = a_state(ON_FILE, a_session("prod"), chosen="prod")
    notes = (
        Refusal(profile="dev-session", sentence="Not ours.", hint="Remove it."),
        Refusal(profile="default", sentence="Yours.", hint="Leave it."),
    )
    state = apply.apply(state, RegionsRefused(notes))
    dev, prod = presentation.snapshot(NOW, state).roles
    assert (dev.region_note, prod.region_note) == ("Not ours. Remove it.", "Yours. Leave it.")
    assert the_view(apply.apply(state, RegionsRefused(()))).region_note is None


@pytest.mark.parametrize(
    ("role", "partition"),
    [
        (a_role(arn="arn:aws-cn:iam::123456789012:role/x"), "aws-cn"),
        (a_role(arn=None, region="us-gov-west-1"), "aws-us-gov"),
        (a_role(arn=None, region="cn-north-1"), "aws-cn"),
        (a_role(arn=None, region="eu-west-1"), "aws"),
        (a_role(arn=None), "aws"),
    ],
)
def test_the_partition_is_that_of_the_arn_or_else_of_the_region(role, partition):
    assert the_view(a_state(Session(role=role))).partition == partition


def test_offered_are_the_common_ones_of_the_partition_and_those_in_use():
    view = the_view(a_state(replace(OFF, region="me-south-1")))
    offered = regions.offered(view, {"af-south-1", "cn-north-1", "eu-west-1"})
    assert offered == (*regions.COMMON["aws"], "af-south-1", "me-south-1")
    china = the_view(a_state(Session(role=a_role(arn="arn:aws-cn:iam::123456789012:role/x"))))
    assert regions.offered(china, {"eu-west-1"}) == regions.COMMON["aws-cn"]


def test_a_role_of_a_partition_without_a_list_is_offered_its_own():
    iso = the_view(a_state(Session(role=a_role(arn="arn:aws-iso:iam::123456789012:role/x", region="us-iso-east-1"))))
    assert regions.offered(iso, {"eu-west-1"}) == ("us-iso-east-1",)


def test_those_offered_are_regions_of_their_partition():
    data = json.loads((Path(botocore.__file__).parent / "data" / "endpoints.json").read_text())
    known = {part["partition"]: part["regions"].keys() for part in data["partitions"]}
    for partition, offered in regions.COMMON.items():
        assert set(offered) <= known[partition]


@pytest.mark.parametrize("arn", ["TODO", "arn:", "arn", "", ":", "\n"])
def test_any_text_has_a_partition(arn):
    assert regions.partition_of(a_role("dev", arn=arn, region="cn-north-1")) == "aws-cn"
    assert regions.partition_of(a_role("dev", arn=arn)) == "aws"


def test_a_region_that_was_chosen_in_a_first_run_outlasts_the_import_that_says_one_but_no_later_edit():
    first = apply.apply(a_state(a_session(), discovered=True), RegionChosen("dev", "us-east-1"))
    imported = apply.apply(first, ConfigChanged((a_role(region="eu-west-1"),), Settings()))
    assert imported.session("dev").region == "us-east-1"
    edited = apply.apply(imported, ConfigChanged((a_role(region="eu-west-2"),), Settings()))
    assert edited.session("dev").region is None
