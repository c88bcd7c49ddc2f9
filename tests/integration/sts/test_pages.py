"""Pages of proxies and of networks that want a sign-in, in place of AWS's answers: told as what they are, and quietly."""

from __future__ import annotations

import logging

import pytest

from tests.integration.faults import proxy
from tests.integration.faults.proxy import Proxy
from tests.integration.sts.conftest import failure
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind

SLOPPY = "<html><head><title>{0}<br></head><body>&nbsp;Corporate gateway"


@pytest.mark.parametrize("page", [proxy.PAGE, SLOPPY, ""], ids=["XHTML", "HTML", "nothing"])
@pytest.mark.parametrize("status", [200, 302, 400, 403, 407, 429, 502, 503])
def test_a_page_of_a_proxy(aws, dev, monkeypatch, caplog, status, page):
    monkeypatch.setattr(proxy, "PAGE", page)
    with Proxy(status) as gateway:
        monkeypatch.setenv("HTTP_PROXY", gateway.url)
        with caplog.at_level(logging.INFO):
            error = failure(StsSource(), dev)
        assert gateway.asked
        assert error.kind is FailureKind.ANSWER
        assert error.sentence.startswith("A web page (")
        assert status == 200 or "not XML" in error.sentence or f"({status})" in error.sentence
        assert "Corporate" not in f"{error}{caplog.text}"

        gateway.status = None
        assert StsSource().issue(dev), "the proxy lets it through"


@pytest.mark.parametrize("status", [302, 403, 407, 502, 503])
def test_a_proxy_that_opens_no_tunnel(aws, dev, monkeypatch, status):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://sts.example.invalid")
    with Proxy(status) as gateway:
        monkeypatch.setenv("HTTPS_PROXY", gateway.url.replace("http://", "http://me:s3cr3t@"))
        error = failure(StsSource(), dev)
    assert gateway.asked[0] == ("CONNECT", "sts.example.invalid:443")
    assert error.kind is FailureKind.NETWORK
    assert error.sentence == f"The proxy blocked the request for role dev ({status})."
    assert "s3cr3t" not in str(error)
