"""What the user chose counts as long as the configuration says what it said then."""

from __future__ import annotations

from tests.support.builders import a_role
from traycreds.core.engine_state import Choices, Keeping, Region

CHOICES = Choices(
    chosen="dev",
    keeping={"dev": Keeping(keep=True, until=None, configured=False)},
    recent=("dev",),
    regions={"dev": Region(region="us-east-1", configured="eu-west-1")},
)


def test_for_a_command_the_regions_count_and_nothing_else():
    assert CHOICES.regions_alone() == Choices(regions=CHOICES.regions)


def test_a_region_counts_until_the_configuration_is_edited():
    assert CHOICES.region_of(a_role("dev", region="eu-west-1")) == "us-east-1"
    assert CHOICES.region_of(a_role("dev", region="eu-north-1")) is None
    assert CHOICES.region_of(a_role("prod", region="eu-west-1")) is None
