from __future__ import annotations

import json
import logging
import os
import shutil
import stat
import string
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traycreds.state import log
from traycreds.state.log import RedactingFormatter, redact

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEBYaDHqa0AP" + "Zm9vYmFy/bGVhc2U+" * 12 + "=="
BASE64 = string.ascii_letters + string.digits + "+/"
secrets = st.text(BASE64, min_size=40, max_size=40)
tokens = st.text(BASE64, min_size=100, max_size=600).map(lambda text: text + "==")
text_around = st.text(
    st.sampled_from(string.ascii_letters + string.digits + " \n\t.,:;'\"()[]{}<>=&?_-\\%#\u00e9/+"), max_size=60
)


@pytest.fixture
def log_file(tmp_path):
    """A started log; all loggers are put back afterwards."""
    names = ["", "traycreds", *log._CHATTY, log._REPEATS_US]
    before = {name: logging.getLogger(name).level for name in names}
    started = log.start_log(tmp_path / "log", debug=True)
    yield started
    started.stop()
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def formatted(message: str, *args: object, exc_info=None) -> str:
    return RedactingFormatter().format(
        logging.LogRecord("traycreds.x", logging.INFO, "x.py", 1, message, args, exc_info)
    )


def left_of(secret: str, text: str) -> str:
    """The longest part of a secret, of at least 8 characters, that is in a text; "" if there is none."""
    best = ""
    for start in range(len(secret) - 7):
        length = 8
        while start + length <= len(secret) and secret[start : start + length] in text:
            best = max(best, secret[start : start + length], key=len)
            length += 1
    return best


@given(secrets | tokens, text_around, text_around)
def test_no_secret_survives_anywhere(secret, before, after):
    assert secret not in redact(before + secret + after)
    assert not left_of(secret, redact(f"{secret}")), "alone"


@given(secrets | tokens)
def test_no_part_of_a_secret_survives_in_the_contexts_of_aws(secret):
    texts = [
        f"[dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {secret}\n",
        f"aws_session_token={secret}\r\nregion=x",
        json.dumps({"SecretAccessKey": secret, "SessionToken": secret}),
        json.dumps({"SecretAccessKey": secret}).replace("/", "\\/"),
        json.dumps(json.dumps({"SecretAccessKey": secret})),
        repr({"secret": secret.encode()}),
        f"<SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{secret}</SessionToken>",
        urlencode({"X-Amz-Security-Token": secret, "Action": "AssumeRole"}),
        f"https://x/?Session={quote(secret, safe='')}&a=b",
        f"https://x/?Session={quote(quote_plus(secret), safe='')}&a=b",
        f"('{secret}', 'b')",
        f"Credentials(secret_access_key={secret!r})",
        f"export AWS_SECRET_ACCESS_KEY={secret}",
        f"x-amz-security-token:{secret}\nhost:sts.amazonaws.com",
    ]
    for text in texts:
        out = redact(text)
        assert not left_of(secret, out)
        assert not left_of(quote(secret, safe=""), out)
        assert log.GONE in out


@given(secrets | tokens, text_around)
def test_arguments_and_exception_chains_are_redacted(secret, around):
    error = RuntimeError(f"failed with\n{secret}\nmore")
    error.__cause__ = ValueError(around + secret)
    out = formatted("%s and %r and %s", secret, {"k": secret}, [secret], exc_info=(RuntimeError, error, None))
    assert secret not in out
    assert "ValueError" in out
    assert "The above exception was the direct cause" in out


@given(st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_mfa_codes_are_redacted(code):
    for text in (
        f"TokenCode={code}",
        f"Action=AssumeRole&TokenCode={code}&Version=2011-06-15",
        f"{{'TokenCode': '{code}'}}",
        f'{{"TokenCode": "{code}"}}',
        f"TokenCode%3D{code}%26Version",
        f"token_code: {code}",
        f"mfa code = {code}",
        f"MFA code is {code}",
        f"code {code}",
        f"otp={code}",
        f"<TokenCode>{code}</TokenCode>",
    ):
        assert code not in redact(text), text


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260105/x/sts/aws4_request, Signature=beef",
        "{'Authorization': 'AWS4-HMAC-SHA256 Credential=beef, SignedHeaders=beef, Signature=beef', 'Host': 'here'}",
        "{'Authorization': b'Bearer beef', 'Host': 'here'}",
        '{\\"Authorization\\": \\"Basic beef\\"}',
        "authorization=Bearer beef",
        "Proxy-Authorization: Basic beef",
        "sent bearer beef to it",
        "x-amz-sso_bearer_token: beef",
        "Cookie: beef",
        "&X-Amz-Signature=beef&x=1",
        "'refreshToken': 'beef', 'accessToken': 'beef', 'clientSecret': 'beef'",
        "password = beef",
        'password="beef is good"',
        "code_verifier=beef",
    ],
)
def test_named_secrets_of_any_shape_are_redacted(text):
    out = redact(text)
    assert "beef" not in out
    assert "good" not in out
    assert ("here" in out) == ("here" in text)


def test_a_json_web_token_is_redacted():
    assert redact("got eyJhbGciOiJI.eyJzdWIiOiIx.SflKxw-RJ_SM for it") == f"got {log.GONE} for it"


def test_an_access_key_id_keeps_its_ends():
    assert redact("source AKIAIOSFODNN7EXAMPLE is") == "source AKIAIOSF…MPLE is"


@pytest.mark.parametrize(
    "text",
    [
        "role dev was refreshed; next at 2026-01-05T09:00:00Z",
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef is denied",
        "AccessDenied (HTTP 403) after 2 tries, request 7f3b1c7e-aaaa-bbbb-cccc-0123456789ab",
        '  File "/usr/lib/python3.11/site-packages/botocore/credentials.py", line 123456, in fetch',
        "/home/someone/.aws/credentials has 123456 bytes",
        "exit code 1, error code 403",
        "web_identity_token_file = /var/run/token",
    ],
)
def test_what_a_support_question_needs_is_kept(text):
    assert redact(text) == text


@given(text_around)
def test_redacting_twice_changes_nothing_more(text):
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize("unit", ["a", "authorization:", '"', "\\", "token_code=", "%25", "eyJ.", " ", "code ", "AKIA"])
def test_hostile_texts_take_no_time(unit):
    # A pattern of quadratic time would hit the time limit of the test.
    redact(unit * (20_000 // len(unit)))


def test_times_are_utc():
    record = logging.LogRecord("traycreds.x", logging.INFO, "x.py", 1, "hello", (), None)
    record.created, record.msecs = 1767603600.5, 500
    assert RedactingFormatter().format(record).startswith("2026-01-05T09:00:00.500Z INFO ")


def test_the_file_holds_what_was_logged_without_secrets(log_file):
    logging.getLogger("traycreds.sts").debug("got %s", SECRET)
    logging.getLogger("traycreds.sts").info("role dev is fresh")
    text = log_file.path.read_text()
    assert SECRET not in text
    assert "role dev is fresh" in text
    assert log.GONE in text


def test_other_packages_stay_quiet_even_for_debugging(log_file):
    logging.getLogger("botocore.endpoint").debug("a request")
    logging.getLogger("urllib3.connectionpool").info("a connection")
    logging.getLogger("botocore.endpoint").warning("a warning")
    text = log_file.path.read_text()
    assert "a request" not in text
    assert "a connection" not in text
    assert "a warning" in text


def test_what_we_say_of_a_source_in_a_sentence_botocore_does_not_say_with_a_traceback(log_file):
    refused = ConnectionRefusedError("Connection refused")
    logging.getLogger("botocore.credentials").warning("Refreshing temporary credentials failed", exc_info=refused)
    assert log_file.path.read_text() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_only_the_owner_can_read_it_also_after_rotation(log_file, monkeypatch):
    monkeypatch.setattr(log, "MAX_BYTES", 300)
    for number in range(20):
        logging.getLogger("traycreds").info("line %d", number)
    files = sorted(log_file.path.parent.iterdir())
    assert [file.name for file in files] == ["traycreds.log", *(f"traycreds.log.{n}" for n in (1, 2, 3))]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(log_file.path.parent.stat().st_mode) == 0o700


def lines_in(path):
    return [line.rpartition(" ")[2] for line in path.read_text().splitlines()]


def test_no_line_is_lost_in_a_rotation_and_the_oldest_go(log_file, monkeypatch):
    monkeypatch.setattr(log, "MAX_BYTES", 300)
    for number in range(100):
        logging.getLogger("traycreds").info("line %d", number)
    kept = [log_file.path.with_name(f"traycreds.log.{n}") for n in (3, 2, 1)] + [log_file.path]
    lines = [line for path in kept for line in lines_in(path)]
    assert lines == [str(number) for number in range(100 - len(lines), 100)]
    assert 15 < len(lines) < 30


@pytest.mark.skipif(sys.platform == "win32", reason="Windows renames no open file")
@pytest.mark.parametrize("gone", [True, False])
def test_a_file_that_another_process_has_moved_away_is_not_written_on(log_file, gone):
    logging.getLogger("traycreds").info("line 1")
    log_file.path.rename(log_file.path.with_name("traycreds.log.1"))
    if not gone:
        log_file.path.write_text("of the other\n")
    logging.getLogger("traycreds").info("line 2")
    assert lines_in(log_file.path) == (["2"] if gone else ["other", "2"])
    assert lines_in(log_file.path.with_name("traycreds.log.1")) == ["1"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no open file")
def test_a_folder_that_is_removed_meanwhile_breaks_nobody(log_file):
    shutil.rmtree(log_file.path.parent)
    logging.getLogger("traycreds").info("line 1")
    log_file.path.parent.mkdir()
    logging.getLogger("traycreds").info("line 2")
    assert lines_in(log_file.path) == ["2"]


def test_a_full_file_that_cannot_be_renamed_is_written_on_and_older_ones_stay(log_file, monkeypatch):
    monkeypatch.setattr(log, "MAX_BYTES", 100)
    for number in range(7):
        logging.getLogger("traycreds").info("line %d", number)
    older = log_file.path.with_name("traycreds.log.1").read_text()

    def held(*_):
        raise PermissionError("another process has it open")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", held)
        for number in range(7, 20):
            logging.getLogger("traycreds").info("line %d", number)
    assert lines_in(log_file.path)[-13:] == [str(number) for number in range(7, 20)]
    assert log_file.path.with_name("traycreds.log.1").read_text() == older
    logging.getLogger("traycreds").info("line 20")
    assert lines_in(log_file.path) == ["20"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_log_that_was_open_to_others_is_closed_to_them(tmp_path):
    path = tmp_path / "traycreds.log"
    path.write_text("old\n")
    path.chmod(0o644)
    log.start_log(tmp_path).stop()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "old\n"


@pytest.mark.logs_warnings
def test_an_unusable_folder_is_reported_on_stderr_and_harmless(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    started = log.start_log(tmp_path / "file")
    logging.getLogger("traycreds").warning("still %s", SECRET)
    started.stop()
    err = capsys.readouterr().err
    assert started.path is None
    assert "There is no log file" in err
    assert "still [redacted]" in err
    assert SECRET not in err


@pytest.mark.logs_warnings
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFO in a folder")
def test_a_fifo_in_place_of_the_file_holds_nobody_up(tmp_path, capsys):
    os.mkfifo(tmp_path / "traycreds.log")
    started = log.start_log(tmp_path)
    started.stop()
    assert started.path is None
    assert "There is no log file" in capsys.readouterr().err


def test_a_record_that_cannot_be_formatted_shows_no_argument(log_file, capsys):
    handler = next(h for h in logging.getLogger().handlers if isinstance(h, log._PrivateFile))
    handler.handle(logging.LogRecord("traycreds.x", logging.INFO, "x.py", 7, "%d", (SECRET,), None))
    assert "A record of traycreds.x, line 7, could not be written." in log_file.path.read_text()
    assert SECRET not in log_file.path.read_text() + "".join(capsys.readouterr())


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_breaks_nobody(log_file, capsys, monkeypatch):
    handler = next(h for h in logging.getLogger().handlers if isinstance(h, log._PrivateFile))
    # `_turn` would find that this is another file.
    monkeypatch.setattr(handler, "_turn", lambda: None)
    handler.stream.close()
    handler.stream = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 - the handler owns it
    with pytest.raises(OSError, match="No space"):
        # No Python buffers as much as this.
        handler.stream.write("x" * 1_000_000)
    handler.handle(logging.LogRecord("traycreds.x", logging.INFO, "x.py", 7, "%s", (SECRET,), None))
    assert capsys.readouterr() == ("", "")


def test_stop_lets_go_of_the_file(tmp_path):
    before = list(logging.getLogger().handlers)
    log.start_log(tmp_path / "a").stop()
    assert logging.getLogger().handlers == before
