"""A sync tool puts an old copy of the credentials file back, again and again: what the app shows is what is on file."""

from __future__ import annotations

from datetime import timedelta

from tests.support.wait_until import until
from traycreds.awsfiles import ownership


def restore(path, text):
    new = path.with_suffix(".sync")
    new.write_text(text)
    new.chmod(0o600)
    new.replace(path)


def expiry_on_file(sandbox):
    return ownership.expiry(sandbox.profiles()["dev-session"])


def test_an_old_copy_that_is_put_back_six_times_in_fifteen_seconds_is_shown_as_it_is(sandbox):
    sandbox.add_role("dev", extra="keep = true\n")
    app = sandbox.run()
    sandbox.wait_for_valid("dev")
    old, before = sandbox.credentials_file.read_text(), expiry_on_file(sandbox)
    sandbox.pass_time_until(lambda: expiry_on_file(sandbox) != before, "it is renewed")
    new = expiry_on_file(sandbox)
    shown = []
    for _ in range(6):
        restore(sandbox.credentials_file, old)
        until(lambda: sandbox.shown().roles[0].expires_at == expiry_on_file(sandbox), "the app shows what is on file")
        shown.append(sandbox.shown().roles[0].expires_at)
        sandbox.tick(timedelta(seconds=2.5))
    assert shown[:3] == [new] * 3, "put back"
    until(lambda: app.says("Credentials file not written"), "the user hears about it")
