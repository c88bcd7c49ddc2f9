"""The frozen app's commands where modules, data and certificates come late: each is run, against the simulator."""

from __future__ import annotations

import json
import re
import sys

import pytest

from tests.integration.team_files.conftest import TeamServer, certificate  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.slow,
    # The first of these tests builds the app.
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform not in {"linux", "win32"}, reason="builds for Linux and Windows"),
]

ASKS = """
import json, os, sys, urllib.request
request = urllib.request.Request(
    os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"], headers={"Authorization": os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]}
)
print(json.dumps([dict(os.environ), json.load(urllib.request.urlopen(request)), sys.argv]))
sys.exit(7)
"""


def test_a_program_under_exec_server_gets_an_endpoint_and_no_library_of_ours(app, packed):
    packed.add_role("dev")
    done = packed.command("exec", "--server", "dev", "--", sys.executable, "-c", ASKS, "a b", LD_LIBRARY_PATH="/mine")
    assert done.returncode == 7, done.stderr
    environ, session, arguments = json.loads(done.stdout)
    assert session["AccessKeyId"] == packed.profiles()["dev-session"]["aws_access_key_id"]
    assert arguments[1:] == ["a b"]
    assert environ["LD_LIBRARY_PATH"] == "/mine"
    assert not [name for name, value in environ.items() if name.startswith("_PYI") or str(app) in value]


def test_a_program_under_exec_gets_the_session(packed):
    packed.add_role("dev")
    code = "import os; print(os.environ['AWS_ACCESS_KEY_ID'])"
    done = packed.command("exec", "dev", "--", sys.executable, "-c", code)
    assert done.stdout.strip() == packed.profiles()["dev-session"]["aws_access_key_id"], done.stderr


def test_creds_env_and_status_show_the_session(packed):
    packed.add_role("dev")
    first = json.loads(packed.command("creds", "dev").stdout)
    assert first["AccessKeyId"] == packed.profiles()["dev-session"]["aws_access_key_id"]
    assert f"AWS_ACCESS_KEY_ID='{first['AccessKeyId']}'" in packed.command("env", "dev", "--shell", "bash").stdout
    (role,) = json.loads(packed.command("status", "--json").stdout)["roles"]
    assert role["name"] == "dev"
    assert "dev" in packed.command("__complete", "use", "=").stdout.split()


def test_a_team_file_is_fetched_with_the_certificates_that_came_along(packed, certificate):
    server = TeamServer(certificate)
    try:
        arn = "arn:aws:iam::123456789012:role/dev"
        server.data = f'[roles.dev]\nrole_arn = "{arn}"\nsource_profile = "base"\n'.encode()
        packed.config.parent.mkdir(parents=True)
        packed.config.write_text(f"include = [{server.entry}]\n")
        done = packed.command("import", "team", "--yes")
        assert "its certificate is not trusted" in done.stdout + done.stderr, (
            "ours were there, and do not hold this one"
        )
        done = packed.command("import", "team", "--yes", AWS_CA_BUNDLE=str(certificate))
        assert done.returncode == 0, done.stderr
        assert "Accepted: " in done.stdout
    finally:
        server.close()
    packed.simulator.world.add_role(arn, trust=[packed.owner.principal.arn], max_session=43200)
    assert packed.command("once", "dev").returncode == 0
    assert packed.profiles()["dev-session"]["traycreds_role"] == "dev"


def test_its_report_names_the_versions_that_came_along(packed):
    packed.add_role("dev")
    report = packed.command("doctor", "--report").stdout
    assert "\nPackages: botocore 1." in report
    missing = re.findall(r"([\w-]+) none\b", report.partition("\nPackages: ")[2].partition("\n")[0])
    assert missing == ([] if sys.platform == "linux" else ["jeepney"]), report


def test_the_error_of_an_aws_login_profile_says_that_this_package_cannot_serve_it(packed):
    with packed.aws_config.open("a") as file:
        file.write("[profile me]\nlogin_session = arn:aws:iam::123456789012:user/me\nregion = us-east-1\n")
    packed.add_role("dev", source="me")
    done = packed.command("once", "dev")
    assert done.returncode == 2
    assert "install traycreds and" in done.stderr
