"""The table of endpoints that we keep gives the same address for every region as botocore's own, in a tenth of it."""

from __future__ import annotations

import json

import pytest
from botocore.loaders import create_loader
from botocore.regions import EndpointResolver

from traycreds.aws import botocore_session


@pytest.fixture(scope="module")
def tables():
    whole, _ = create_loader().load_data_with_path("endpoints")
    kept, _ = botocore_session._data_loader().load_data_with_path("endpoints")
    return whole, kept


@pytest.mark.parametrize("service", sorted(botocore_session.ENDPOINTS))
def test_every_region_has_the_same_endpoint(tables, service):
    whole, kept = (EndpointResolver(table) for table in tables)
    regions = [region for partition in tables[0]["partitions"] for region in partition["regions"]]
    assert len(regions) > 30
    for region in [*regions, "aws-global", "xy-new-9"]:
        assert kept.construct_endpoint(service, region) == whole.construct_endpoint(service, region)


def test_what_nobody_calls_is_gone(tables):
    whole, kept = (len(json.dumps(table)) for table in tables)
    assert kept * 8 < whole


def test_a_service_that_is_not_kept_has_the_rule_of_its_partition(tables):
    kept = EndpointResolver(tables[1])
    assert kept.construct_endpoint("brand-new", "eu-central-1")["hostname"] == "brand-new.eu-central-1.amazonaws.com"
