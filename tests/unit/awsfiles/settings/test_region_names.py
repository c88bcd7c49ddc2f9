from __future__ import annotations

import pytest

from traycreds.awsfiles.settings.region_names import PLACES, is_region, meant_by


def test_every_region_of_botocore_has_the_form():
    from botocore.loaders import create_loader

    partitions = create_loader().load_data("endpoints")["partitions"]
    regions = [region for partition in partitions for region in partition["regions"]]
    assert len(regions) > 30
    assert [region for region in regions if not is_region(region)] == []
    assert set(PLACES) <= set(regions)


@pytest.mark.parametrize("name", ["eu-northeast-7", "ap-west-12", "us-gov-central-1", "fips-us-east-1", "aws-global"])
def test_a_region_that_nobody_knows_yet_can_be_one(name):
    assert is_region(name)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("None", "Write it like eu-west-1."),
        ("", "Write it like eu-west-1."),
        ("us-east-1a", "Did you mean us-east-1?"),
        ("us-east", "Did you mean us-east-1?"),
        ("Frankfurt", "Did you mean eu-central-1?"),
        ("eu-wst-1", "Did you mean eu-west-1?"),
        ("EU-WEST-1", "Did you mean eu-west-1?"),
        ("'eu-west-1'", "Did you mean eu-west-1?"),
        ("eu-west-1 # home", "Did you mean eu-west-1?"),
    ],
)
def test_an_invalid_value_says_what_was_meant(name, meant):
    assert not is_region(name)
    assert meant_by(name) == meant
