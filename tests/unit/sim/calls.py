"""Signed calls to the simulator."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from datetime import datetime, timezone

import botocore.auth
import botocore.awsrequest
import botocore.credentials

ARN = "arn:aws:iam::222233334444:role/dev"


START = datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc)


NAMESPACE = {"sts": "https://sts.amazonaws.com/doc/2011-06-15/"}


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.xml = status, headers, ET.fromstring(body)

    def text(self, name):
        found = self.xml.find(f".//sts:{name}", NAMESPACE)
        return None if found is None else found.text

    @property
    def error(self):
        return self.status, self.text("Code"), self.text("Message")


def call(sim, key, action, *, region="eu-west-1", service="sts", change=None, **parameters) -> Answer:
    """One call signed by botocore; `change` may spoil the signed request."""
    body = urllib.parse.urlencode({"Action": action, "Version": "2011-06-15", **parameters})
    request = botocore.awsrequest.AWSRequest(
        "POST", f"{sim.url}/", {"Content-Type": "application/x-www-form-urlencoded"}, body
    )
    if key is not None:
        keys = botocore.credentials.Credentials(key.access_key_id, key.secret_access_key, key.session_token)
        botocore.auth.SigV4Auth(keys, service, region).add_auth(request)
    headers = dict(request.headers.items())
    if change:
        body = change(headers, body) or body
    wire = urllib.request.Request(f"{sim.url}/", body.encode(), headers)
    try:
        with urllib.request.urlopen(wire, timeout=10) as response:
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def assume(sim, key, **parameters) -> Answer:
    return call(sim, key, "AssumeRole", **{"RoleArn": ARN, "RoleSessionName": "alice", **parameters})


def session_of(sim, answer):
    return sim.world.key(answer.text("AccessKeyId"))
