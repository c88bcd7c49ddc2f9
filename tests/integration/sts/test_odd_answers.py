"""Invalid answers of STS, or of something in its place: reported in one sentence, retried, and no traceback."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.integration.sts.conftest import failure
from tests.support.builders import SECRET, TOKEN, a_role
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind

GOOD = {
    "AccessKeyId": "ASIAEXAMPLE000000001",
    "SecretAccessKey": SECRET,
    "SessionToken": TOKEN,
    "Expiration": "2199-01-01T00:00:00Z",
}
DATE = "Sun, 29 Nov 2026 12:00:00 GMT"


class OddSts(ThreadingHTTPServer):
    """Answers each call with the same credentials, whatever they are, and a Date of the test's choice."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.credentials = dict(GOOD)
        self.whole = True
        self.date = DATE


class _Handler(BaseHTTPRequestHandler):
    server: OddSts

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        action = form.split("Action=")[1].split("&")[0]
        fields = "".join(f"<{name}>{value}</{name}>" for name, value in self.server.credentials.items())
        inner = f"<Credentials>{fields}</Credentials>" if self.server.whole else ""
        body = f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>".encode()
        self.send_response_only(200)
        self.send_header("Date", self.server.date)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def sts(aws, monkeypatch):
    with OddSts() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


ODD = [
    {"Expiration": None},
    {"Expiration": "tomorrow"},
    {"Expiration": ""},
    {"Expiration": "0001-01-01T00:00:00Z"},
    {"Expiration": "0001-01-01T00:00:00+14:00"},
    {"Expiration": "9999-12-31T23:59:59-10:00"},
    {"Expiration": "1"},
    {"Expiration": "-1"},
    {"Expiration": "99999999999999999999"},
    {"Expiration": "2200-01-01T00:00:00Z"},
    {"Expiration": "2026-11-01"},
    {"AccessKeyId": None},
    {"SecretAccessKey": None},
    {"SessionToken": None},
    {"AccessKeyId": ""},
    {"SecretAccessKey": "two words"},
    {"SessionToken": "ключ"},
]


def make_odd(sts, change):
    sts.credentials = {name: value for name, value in {**GOOD, **change}.items() if value is not None}


@pytest.mark.parametrize("change", ODD, ids=str)
@pytest.mark.parametrize("way", ["role", "chain"])
def test_a_session_that_cannot_be_used(aws, sts, dev, caplog, way, change):
    make_odd(sts, change)
    if way == "chain":
        aws.config(f"[profile hop]\nrole_arn = {dev.arn}-hop\nsource_profile = base\n")
        dev = a_role("dev", arn=dev.arn, source_profile="hop")

    error = failure(source := StsSource(), dev)

    assert error.kind is FailureKind.ANSWER
    assert "The response" in error.sentence
    assert "unusable" in error.sentence
    assert SECRET not in f"{error}{caplog.text}"
    assert not [record for record in caplog.records if record.name.startswith("traycreds")]

    sts.credentials = dict(GOOD)
    assert source.issue(dev), "the next good answer is taken"


def test_an_answer_without_credentials(sts, dev):
    sts.whole = False

    error = failure(StsSource(), dev)

    assert error.kind is FailureKind.ANSWER
    assert "unusable" in error.sentence


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Mon, 01 Jan 1900 00:00:00 +1400",
        "Sun, 29 Nov 99999999999 12:00:00 GMT",
        "Thu, 01 Jan 1969 00:00:00 GMT",
        "Sun, 29 Nov 2026 12:00:00 +99999999",
        "yesterday",
        "",
    ],
)
def test_a_date_that_cannot_be_is_not_believed(sts, dev, date):
    sts.date = date
    dates = []

    assert StsSource(on_date=dates.append).issue(dev)

    assert dates == []


def test_a_date_that_can_be_is(sts, dev):
    dates = []

    StsSource(on_date=dates.append).issue(dev)

    assert dates == [datetime(2026, 11, 29, 12, 0, tzinfo=timezone.utc)]


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+14:00", "2200-01-01T00:00:00Z"])
def test_a_credential_process_whose_session_ends_on_no_possible_date(aws, dev, end):
    printed = {"Version": 1, "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": SECRET, "SessionToken": TOKEN}
    (aws.folder / "out.json").write_text(json.dumps({**printed, "Expiration": end}))
    aws.config(f"[profile base]\ncredential_process = cat {aws.folder / 'out.json'}\n")
    aws.credentials("")

    error = failure(StsSource(), dev)

    assert error.kind is FailureKind.PROGRAM
    assert "got no usable credentials" in error.sentence
    assert SECRET not in str(error)
