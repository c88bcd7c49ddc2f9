"""The file of a web identity token that cannot be used: what is said of it, and that it is never read without an end."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.integration.cli.conftest import ARN
from tests.windows.mark import not_on_windows


@pytest.mark.parametrize("over", [False, True])
def test_a_token_file_that_is_empty_for_a_moment_is_retried(home_of_dev, over):
    token = home_of_dev.home / "token"
    profile = f"[profile dev]\nrole_arn = {ARN}\nweb_identity_token_file = {token}\n"
    top = f"[profile top]\nrole_arn = {ARN}\nsource_profile = dev\n" if over else ""
    home_of_dev.config.write_text(f'[roles.dev]\nfrom_profile = "{"top" if over else "dev"}"\n')
    home_of_dev.aws_config.write_text(profile + top)
    for text in ("", "\n", "x"):
        token.write_text(text)
        done = home_of_dev.command("once", "dev")
        assert done.returncode == 3
        assert "The web_identity_token_file of profile dev, which role dev needs, holds no token." in done.stderr
        assert "Try again, if it is being rewritten." in done.stderr


def test_a_setting_that_names_no_file_is_a_mistake_of_the_profile(home_of_dev):
    token = home_of_dev.home / "token"
    profile = f"[profile dev]\nrole_arn = {ARN}\nweb_identity_token_file ="
    home_of_dev.config.write_text('[roles.dev]\nfrom_profile = "dev"\n')
    home_of_dev.aws_config.write_text(f"{profile}\n")
    done = home_of_dev.command("once", "dev")
    assert done.returncode == 2
    remedy = "Write the full path of the file that holds the token."
    assert f"The web_identity_token_file of role dev is empty. {remedy}" in done.stderr
    assert remedy in home_of_dev.command("doctor").stdout
    home_of_dev.aws_config.write_text(f"{profile} {token}\n")
    until = datetime.now(timezone.utc) + timedelta(hours=1)
    token.write_text(home_of_dev.simulator.federation.add_web_token("me", expires_at=until))
    home_of_dev.simulator.world.add_role(ARN, trust=["me"])
    assert home_of_dev.command("once", "dev").returncode == 0


@not_on_windows
@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("kind", ["FIFO", "device", "large"])
def test_a_token_file_that_would_block_or_has_no_end_is_not_read(home_of_dev, over, kind):
    token = Path("/dev/zero") if kind == "device" else home_of_dev.home / "token"
    if kind == "FIFO":
        os.mkfifo(token)
    elif kind == "large":
        token.touch()
        os.truncate(token, 300 * 1024**2)
    profile = f"[profile dev]\nrole_arn = {ARN}\nweb_identity_token_file = {token}\n"
    top = f"[profile top]\nrole_arn = {ARN}\nsource_profile = dev\n" if over else ""
    home_of_dev.config.write_text(f'[roles.dev]\nfrom_profile = "{"top" if over else "dev"}"\n')
    home_of_dev.aws_config.write_text(profile + top)
    why = f"{token}: {'too large for a token' if kind == 'large' else 'not a regular file'}."
    done = home_of_dev.command("once", "dev", timeout=10)
    assert done.returncode == 3
    assert why in done.stderr
    assert why in home_of_dev.command("doctor", timeout=10).stdout
