"""The frozen app for Linux, built by our script and run: small, quick, and whole where imports come late."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest
from lib.limits import MOST_PACKED, MOST_SECONDS, MOST_UNPACKED, measure_start

import traycreds
from tests.desktop.session_bus import MenuClient, Notifications, PrivateBus, Watcher, needs_bus
from tests.packaging.packed_sandbox import await_saying
from tests.support.wait_until import PATIENCE
from traycreds.ui.icon import pixmaps

pytestmark = [
    pytest.mark.slow,
    # The first of these tests builds the app.
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="builds for Linux"),
]


def files_in(folder):
    return [path for path in folder.rglob("*") if not path.is_dir()]


def test_it_is_small(app):
    assert sum(path.lstat().st_size for path in files_in(app)) < MOST_UNPACKED
    (archive,) = app.parent.glob("*.tar.gz")
    assert archive.stat().st_size < MOST_PACKED


def test_it_starts_quickly(app):
    version, seconds = measure_start([app / "traycreds"])
    assert version == traycreds.__version__
    assert 0 < seconds < MOST_SECONDS


def test_of_the_services_only_those_that_are_called_are_in_it(app):
    data = next(app.rglob("botocore/data"))
    assert {path.name for path in data.iterdir() if path.is_dir()} == {"sts", "sso", "sso-oidc", "signin"}
    assert {path.name for path in data.iterdir() if path.is_file()} >= {
        "_retry.json",
        "endpoints.json",
        "partitions.json",
        "sdk-default-configuration.json",
    }


def test_it_brings_licences_and_sbom(app):
    assert (app / "licenses" / "pystray" / "COPYING.LGPL").stat().st_size
    assert (app / "licenses" / "botocore" / "LICENSE.txt").stat().st_size
    assert '"bomFormat": "CycloneDX"' in (app / "traycreds.cdx.json").read_text()


def test_it_needs_no_library_beyond_the_c_one_and_zlib(app):
    """What the app does not bring is glibc's.

    But for zlib, for PyInstaller's loader, and libxcb, for Tk: where there is no X, no dialog of Tk's is shown either.
    """
    allowed = ["linux-vdso", "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libutil.so", "/lib64/ld-"]
    for file in files_in(app):
        loader = file.name == "traycreds"
        if loader or file.suffix == ".so" or ".so." in file.name:
            environ = {} if loader else {"LD_LIBRARY_PATH": str(app / "_internal")}
            message = subprocess.run(["ldd", file], check=False, capture_output=True, text=True, env=environ).stdout
            foreign = [
                line.strip() for line in message.splitlines() if str(app) not in line and "statically" not in line
            ]
            more = (
                ["libz.so"] if loader else ["libxcb.so"] if file.name.startswith(("_tkinter", "libtk", "libX")) else []
            )
            assert [line for line in foreign if not line.startswith((*allowed, *more))] == [], file


def test_the_demo_runs_in_it(app, home):
    running = subprocess.Popen(
        [app / "traycreds", "demo", "--no-tray"],
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        await_saying(running, "3 roles fresh")
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) == 0
        running.stdout.close()


@pytest.mark.desktop
@needs_bus
def test_its_tray_registers_and_a_click_makes_a_role_the_default(app, sandbox):
    sandbox.add_role("dev", extra="keep = true")
    with PrivateBus() as bus, Watcher(bus) as watcher, Notifications(bus):
        running = subprocess.Popen(
            [app / "traycreds", "run"], env=sandbox.environment(DBUS_SESSION_BUS_ADDRESS=bus.address)
        )
        try:
            with closing(MenuClient(bus, watcher.item())) as menu:
                sandbox.wait_for_profile("dev-session")
                drawn = {pixmaps.of(*each) for each in pixmaps.EVERY}
                assert tuple(map(tuple, menu.property("IconPixmap"))) in drawn, "the files came along"
                menu.click("dev")
                assert sandbox.wait_for_profile("default")["traycreds_role"] == "dev"
                menu.click("Quit")
            assert running.wait(PATIENCE) == 0
        finally:
            running.kill()
            running.wait()


def once(app, sandbox, role, **environ):
    """Run `once ROLE` in the app; the profile that it wrote."""
    done = subprocess.run(
        [app / "traycreds", "once", role],
        env=sandbox.environment(**environ),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return sandbox.profiles()[f"{role}-session"]


def test_a_chained_role_is_refreshed_by_it(app, sandbox):
    sandbox.add_role("hop")
    with sandbox.aws_config.open("a") as file:
        file.write("[profile hop]\nrole_arn = arn:aws:iam::123456789012:role/hop\nsource_profile = base\n")
    arn = sandbox.add_role("chained", source="hop")
    sandbox.simulator.world.add_role(arn, trust=["arn:aws:iam::123456789012:role/hop"], max_session=3600)
    assert once(app, sandbox, "chained")["traycreds_role"] == "chained"


def test_an_identity_center_role_is_refreshed_by_it(app, sandbox):
    """It needs botocore's data for sso and sso-oidc."""
    start = "https://example.awsapps.com/start"
    with sandbox.aws_config.open("a") as file:
        file.write(
            f"[sso-session corp]\nsso_start_url = {start}\nsso_region = eu-west-1\n"
            "sso_registration_scopes = sso:account:access\n[profile desk]\nsso_session = corp\n"
            "sso_account_id = 222233334444\nsso_role_name = Admin\nregion = eu-central-1\n"
        )
    sandbox.config.parent.mkdir(parents=True, exist_ok=True)
    sandbox.config.write_text('[roles.desk]\nfrom_profile = "desk"\nprofile = "desk-session"\n')
    signed_in = sandbox.simulator.portal.sign_in("alice", [("222233334444", "Admin")])
    cache = sandbox.home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    expires = (datetime.now(timezone.utc) + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
    token = {"startUrl": start, "region": "eu-west-1", "accessToken": signed_in.token, "expiresAt": expires}
    (cache / f"{hashlib.sha1(b'corp').hexdigest()}.json").write_text(json.dumps(token))
    url = sandbox.simulator.url
    profile = once(app, sandbox, "desk", AWS_ENDPOINT_URL_SSO=url, AWS_ENDPOINT_URL_SSO_OIDC=url)
    assert profile["traycreds_role"] == "desk"


def test_programs_that_it_starts_do_not_get_its_libraries(app, sandbox):
    """A credential_process that finds our libssl before its own breaks."""
    key = sandbox.owner
    helper = sandbox.home / "helper"
    helper.write_text(
        f"#!/bin/sh\nenv > {sandbox.home}/seen\n"
        f'echo \'{{"Version": 1, "AccessKeyId": "{key.access_key_id}", "SecretAccessKey": "{key.secret_access_key}"}}\'\n'
    )
    helper.chmod(0o700)
    with sandbox.aws_config.open("a") as file:
        file.write(f"[profile outside]\ncredential_process = {helper}\n")
    sandbox.add_role("dev", source="outside")
    assert once(app, sandbox, "dev")
    seen = dict(line.split("=", 1) for line in (sandbox.home / "seen").read_text().splitlines() if "=" in line)
    assert not [name for name, value in seen.items() if name.startswith("_PYI") or str(app) in value]


def test_its_dialog_for_codes_is_in_it(app, home):
    """tkinter came along: without a display it says that it cannot show a window, rather than that there is no toolkit."""
    environ = {"HOME": str(home), "PATH": os.environ["PATH"]}
    question = json.dumps({"title": "t", "text": "x"})
    done = subprocess.run(
        [app / "traycreds", "ask-code"], env=environ, check=False, input=question, text=True, timeout=20
    )
    assert done.returncode == 3
    assert list(app.rglob("_tkinter*.so"))
    assert list(app.rglob("tk.tcl"))
