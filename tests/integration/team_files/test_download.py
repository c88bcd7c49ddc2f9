"""An included file from an address: what comes whole and with the pinned hash is kept, and nothing else."""

from __future__ import annotations

import time

import pytest

from tests.support.wait_until import PATIENCE
from traycreds.config.team_files import download
from traycreds.config.team_files.accepted_files import LARGEST, AcceptedFiles, FileStatus
from traycreds.config.team_files.includes import IncludedFile
from traycreds.core.errors import ConfigError


@pytest.fixture
def get(server, tmp_path):
    """Fetch what is pinned, and return its status."""

    def get(pin: str | None = None, *, url: str | None = None, deadline: float = 10.0):
        source = IncludedFile(url or server.url, pin or server.pin)
        accepted_files = AcceptedFiles(tmp_path)
        download.fetch(source, accepted_files, deadline=deadline)
        return accepted_files.read_included(source)

    return get


def refused(get, server, tmp_path, **how) -> str:
    """Why it is refused; the same is kept for `doctor`."""
    with pytest.raises(ConfigError) as caught:
        get(**how)
    included = AcceptedFiles(tmp_path).read_included(
        IncludedFile(how.get("url") or server.url, how.get("pin") or server.pin)
    )
    assert included.found is None
    assert included.problem == (caught.value.sentence, caught.value.hint)
    assert included.file_status in {FileStatus.UNREACHABLE, FileStatus.MISMATCH}
    return caught.value.sentence


@pytest.mark.usefixtures("trusted")
def test_what_is_pinned_is_kept(get, server):
    server.data = b"# of the team\n" * 20000
    included = get()
    assert (included.file_status, included.found) == (FileStatus.WAITING, server.data)


@pytest.mark.usefixtures("trusted")
def test_another_hash_says_what_was_expected_and_what_came(get, server, tmp_path):
    server.data = b"# one\n"
    expected = "a" * 64
    sentence = refused(get, server, tmp_path, pin=expected)
    assert expected in sentence
    assert server.pin in sentence
    assert not list((tmp_path / "included").glob("*.toml"))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("behave", "why"),
    [
        ("missing", "the server answered 404"),
        ("to-http", "redirects to an address that is not https"),
        ("to-file", "not allowed"),
        ("round", "the server redirects more than 10 times"),
        ("broken", "connection was lost"),
    ],
)
def test_what_a_server_may_not_do(get, server, tmp_path, behave, why):
    server.behave = behave
    assert why in refused(get, server, tmp_path)


@pytest.mark.usefixtures("trusted")
def test_a_redirect_within_https_is_followed(get, server):
    server.data, server.behave = b"# x\n", "to-https"
    assert get().found == server.data
    assert server.requests == ["/roles.toml", "/elsewhere"]


@pytest.mark.usefixtures("trusted")
def test_what_is_too_large_is_not_read_to_its_end(get, server, tmp_path):
    server.data = b"#" * (LARGEST + 1)
    assert "larger than" in refused(get, server, tmp_path)


@pytest.mark.usefixtures("trusted")
def test_a_silent_server_is_given_up(get, server, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "SILENCE", 0.3)
    server.behave = "silent"
    assert "sent nothing" in refused(get, server, tmp_path)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("behave", ["drip", "drip-headers", "silent"])
def test_a_server_that_never_comes_to_an_end_is_given_up(get, server, tmp_path, behave):
    server.behave = behave
    begun = time.monotonic()
    assert "did not finish within" in refused(get, server, tmp_path, deadline=0.5)
    assert time.monotonic() - begun < PATIENCE


def test_a_certificate_that_nobody_trusts(get, server, tmp_path):
    sentence = refused(get, server, tmp_path)
    assert "certificate is not trusted" in sentence
    assert server.requests == []


def test_an_invalid_bundle_is_reported(get, server, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "nothing.pem"))
    assert "nothing.pem, which holds no certificates" in refused(get, server, tmp_path)


@pytest.mark.usefixtures("trusted")
def test_the_proxy_is_used(get, server, proxy, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    server.data = b"# x\n"
    assert get().found == server.data
    assert proxy.asked == [f"127.0.0.1:{server.port}"]


@pytest.mark.usefixtures("trusted")
def test_a_proxy_of_another_kind_is_reported(get, server, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    assert "the proxy of HTTPS_PROXY is of an unsupported kind" in refused(get, server, tmp_path)
    assert server.requests == []


@pytest.mark.usefixtures("trusted")
def test_nobody_there(get, server, tmp_path):
    sentence = refused(get, server, tmp_path, url="https://127.0.0.1:9/roles.toml?token=secret")
    assert "could not be fetched: connection refused" in sentence
    assert "secret" not in sentence
