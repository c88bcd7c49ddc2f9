"""A command after the trouble with the credentials file is over: it does as if that had never been."""

from __future__ import annotations

from tests.windows.mark import not_on_windows


def test_a_default_that_is_free_again_is_no_trouble_any_more(sandbox, start):
    sandbox.add_role("dev")
    before = sandbox.credentials_file.read_text()
    sandbox.credentials_file.write_text(f"{before}[default]\naws_access_key_id = AKIAMINE\n")
    start()
    done = sandbox.command("use", "dev")
    assert (done.returncode, done.stdout) == (4, "")
    assert "did not write" in sandbox.command("status").stdout
    text = sandbox.credentials_file.read_text()
    sandbox.credentials_file.write_text(text.replace("[default]\naws_access_key_id = AKIAMINE\n", ""))
    assert "did not write" not in sandbox.command("status").stdout


@not_on_windows
def test_a_volume_that_is_mounted_again_is_seen_at_once(sandbox, start):
    sandbox.add_role("dev")
    volume, away = sandbox.home / "volume", sandbox.home / "away"
    volume.mkdir()
    keys = sandbox.credentials_file.read_text().partition("[base]\n")[2]
    sandbox.aws_config.write_text(f"[profile base]\n{keys}")
    sandbox.credentials_file.write_text("")
    sandbox.credentials_file.rename(volume / "credentials")
    sandbox.credentials_file.symlink_to(volume / "credentials")
    start()
    assert sandbox.command("refresh", "dev").returncode == 0
    volume.rename(away)
    volume.mkdir()
    done = sandbox.command("refresh", "dev")
    assert done.returncode == 4
    assert "which is missing" in done.stderr
    assert "Needs you: the target of a link is missing" in sandbox.command("status").stdout
    volume.rmdir()
    away.rename(volume)
    done = sandbox.command("refresh", "dev")
    assert (done.returncode, done.stderr) == (0, "")
