"""A role's region in ~/.aws/config: written by the app where AWS tools look for it, and never a byte of anything else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from tests.contract.readers import installed_programs
from tests.support.machine_speed import slowness
from tests.support.sandbox import has_mode
from tests.support.wait_until import PATIENCE, until
from tests.windows.mark import on_wine
from traycreds.awsfiles.ini_edit import parse
from traycreds.files import write_end

JS = """
const { STSClient } = require("@aws-sdk/client-sts");
new STSClient({}).config.region().then(console.log, (error) => { console.error(error); process.exit(1); });
"""
OURS = "[profile dev-session]\nregion = {0}\ntraycreds_region = {0}\n"
DEFAULT = "[default]\nregion = {0}\ntraycreds_region = {0}\n"


@pytest.fixture
def dev(sandbox):
    sandbox.add_role("dev", extra='keep = true\nregion = "eu-west-1"')
    sandbox.aws_config.write_text("")
    rest(sandbox)


def rest(sandbox):
    """As a file that has not just been written."""
    os.utime(sandbox.aws_config, (1, 1))


def text(sandbox) -> str:
    return sandbox.aws_config.read_bytes().decode()


def comes(sandbox, wanted) -> None:
    until(lambda: text(sandbox) == wanted, f"~/.aws/config says {wanted!r} and not {text(sandbox)!r}")


def use(sandbox, role, *region):
    done = sandbox.command("use", role, *(("--region", *region) if region else ()))
    assert done.returncode == 0, done.stderr
    return done


def region_of(sandbox, profile, tool) -> str:
    """The region that a tool of AWS takes for a profile, by itself."""
    if tool == "javascript" and (missing := installed_programs.missing_javascript()):
        pytest.skip(missing)
    programs = {
        "javascript": ("node", "-e", JS),
        "boto3": (sys.executable, "-c", "import boto3; print(boto3.session.Session().region_name)"),
    }
    environment = {"AWS_PROFILE": profile, "NODE_PATH": str(installed_programs.JAVASCRIPT), "NODE_NO_WARNINGS": "1"}
    done = (
        sandbox.aws("configure", "get", "region", **environment)
        if tool == "awscli"
        else subprocess.run(
            programs[tool],
            env=sandbox.environment(**environment),
            check=False,
            capture_output=True,
            text=True,
            timeout=30,
        )
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.usefixtures("dev")
@pytest.mark.parametrize("tool", ["boto3", "awscli", pytest.param("javascript", marks=pytest.mark.readers)])
def test_aws_tools_take_the_region_of_the_role_and_of_the_default(sandbox, start, tool):
    sandbox.add_role("prod", extra='region = "sa-east-1"')
    start()
    use(sandbox, "prod")
    assert region_of(sandbox, "dev-session", tool) == "eu-west-1"
    assert region_of(sandbox, "prod-session", tool) == "sa-east-1"
    assert region_of(sandbox, "default", tool) == "sa-east-1"
    use(sandbox, "dev", "ap-south-1")
    assert region_of(sandbox, "dev-session", tool) == "ap-south-1"
    assert region_of(sandbox, "default", tool) == "ap-south-1"


@pytest.mark.usefixtures("dev")
def test_use_with_a_region_and_back(sandbox, start):
    start()
    comes(sandbox, OURS.format("eu-west-1"))
    done = use(sandbox, "dev", "us-east-1")
    assert done.stdout.startswith("dev is the default profile, region us-east-1, expires at ")
    assert done.stderr == ""
    assert parse(text(sandbox)) == parse(OURS.format("us-east-1") + DEFAULT.format("us-east-1"))
    config = sandbox.config.read_bytes()
    use(sandbox, "dev", "")
    assert parse(text(sandbox)) == parse(OURS.format("eu-west-1") + DEFAULT.format("eu-west-1"))
    assert sandbox.config.read_bytes() == config, "the configuration is the user's"


@pytest.mark.usefixtures("dev")
def test_env_exec_console_and_status_know_it_at_once_and_without_an_app(sandbox, start):
    start()
    use(sandbox, "dev", "us-west-2")

    def reported() -> list[str]:
        env = json.loads(sandbox.command("env", "dev", "--json").stdout)
        child = sandbox.command("exec", "dev", "--", sys.executable, "-c", "import os; print(os.environ['AWS_REGION'])")
        served = sandbox.command(
            "exec", "--server", "dev", "--", sys.executable, "-c", "import os; print(os.environ['AWS_REGION'])"
        )
        (role,) = json.loads(sandbox.command("status", "--json").stdout)["roles"]
        return [
            env["AWS_REGION"],
            env["AWS_DEFAULT_REGION"],
            child.stdout.strip(),
            served.stdout.strip(),
            role["region"],
        ]

    assert reported() == ["us-west-2"] * 5
    assert sandbox.command("quit").returncode == 0
    assert reported() == ["us-west-2"] * 5


@pytest.mark.usefixtures("dev")
def test_sts_is_asked_where_the_configuration_says(sandbox, start):
    start()
    use(sandbox, "dev", "us-west-2")
    assert sandbox.command("refresh", "dev").returncode == 0
    asked = {call.region for call in sandbox.simulator.calls if call.action == "AssumeRole"}
    assert asked == {"eu-west-1"}


@pytest.mark.usefixtures("dev")
def test_a_choice_outlives_a_restart_and_an_edit_of_the_configuration_outranks_it(sandbox, start):
    app = start()
    use(sandbox, "dev", "us-west-2")
    app.kill()
    app.wait(PATIENCE)
    before = sandbox.aws_config.stat().st_mtime_ns
    start()
    until(lambda: "us-west-2" in sandbox.command("use", "dev").stdout, "the next app takes over")
    assert sandbox.aws_config.stat().st_mtime_ns == before, "what is so already is not written again"
    sandbox.config.write_text(sandbox.config.read_text().replace("eu-west-1", "eu-north-1"))
    assert "eu-north-1" in use(sandbox, "dev").stdout
    assert parse(text(sandbox)) == parse(OURS.format("eu-north-1") + DEFAULT.format("eu-north-1"))


@pytest.mark.skipif(on_wine, reason="Wine 8 says that it has made a link, and has not")
@pytest.mark.usefixtures("dev")
def test_it_goes_with_the_session_and_leaves_every_byte_as_it_was(sandbox, start):
    mine = (
        "; mine\r\n[default]\r\noutput=json \r\n\r\n[profile x]\r\ns3 =\r\n  max_queue_size = 5\r\nRegion : eu-west-9\r\n"
        "# the end"
    )
    real = sandbox.home / "dotfiles"
    real.write_bytes(mine.encode())
    real.chmod(0o640)
    os.utime(real, (1, 1))
    sandbox.aws_config.unlink()
    sandbox.aws_config.symlink_to(real)
    start()
    use(sandbox, "dev")
    wanted = (
        mine.replace("output=json \r\n", "output=json \r\nregion = eu-west-1\r\ntraycreds_region = eu-west-1\r\n")
        + "\r\n\r\n"
        + OURS.format("eu-west-1").replace("\n", "\r\n")
    )
    assert text(sandbox) == wanted
    assert sandbox.command("drop", "dev").returncode == 0
    comes(sandbox, mine + "\r\n")
    assert sandbox.aws_config.is_symlink()
    assert has_mode(real, 0o640)


@pytest.mark.usefixtures("dev")
def test_a_region_of_the_users_own_is_kept_and_the_one_in_effect_is_reported(sandbox, start):
    mine = "[default]\nregion = us-east-1\n\n[profile dev-session]\nregion=eu-west-3\n"
    sandbox.aws_config.write_text(mine, newline="\n")
    rest(sandbox)
    start()
    done = use(sandbox, "dev", "ap-south-1")
    assert (
        f"The region of profile dev-session is eu-west-3, not ap-south-1: traycreds did not write {sandbox.aws_config}, line 5."
        in done.stderr
    )
    assert text(sandbox) == mine
    assert "is eu-west-3, not ap-south-1" in sandbox.command("status").stdout
    found = sandbox.command("doctor").stdout
    for line, section, region in ((2, "default", "us-east-1"), (5, "profile dev-session", "eu-west-3")):
        assert f"line {line}" in found
        assert f"the region {region} of [{section}] applies, not ap-south-1, the region of the role dev" in found


@pytest.mark.usefixtures("dev")
def test_a_region_that_the_user_sets_by_the_aws_cli_becomes_his_own(sandbox, start):
    start()
    comes(sandbox, OURS.format("eu-west-1"))
    command = (sys.executable, "-m", "awscli", "configure", "set", "region", "eu-south-1", "--profile", "dev-session")
    subprocess.run(command, env=sandbox.environment(), check=True, timeout=30)
    use(sandbox, "dev", "us-west-2")
    assert parse(text(sandbox))["profile dev-session"]["region"] == "eu-south-1"
    assert sandbox.command("drop", "dev").returncode == 0
    # The AWS CLI writes the line endings of the system.
    comes(sandbox, "[profile dev-session]\nregion = eu-south-1\n".replace("\n", os.linesep))


@pytest.mark.usefixtures("dev")
def test_whatever_else_the_user_puts_into_our_section_stays(sandbox, start):
    start()
    comes(sandbox, OURS.format("eu-west-1"))
    sandbox.aws_config.write_text(text(sandbox) + "output = json\n# because\n", newline="\n")
    use(sandbox, "dev", "us-west-2")
    assert text(sandbox).startswith(OURS.format("us-west-2") + "output = json\n# because\n")
    assert sandbox.command("drop", "dev").returncode == 0
    comes(sandbox, "[profile dev-session]\noutput = json\n# because\n")


@pytest.mark.usefixtures("dev")
def test_the_default_profile_has_the_region_of_anyone_who_it_is(sandbox, start):
    sandbox.add_role("plain")
    sandbox.add_role("prod", extra='region = "sa-east-1"')
    start()
    for role, region in (("dev", "eu-west-1"), ("prod", "sa-east-1"), ("plain", None), ("dev", "eu-west-1")):
        use(sandbox, role)
        assert parse(text(sandbox)).get("default", {}).get("region") == region


@pytest.mark.usefixtures("dev")
def test_a_default_profile_of_the_users_own_gets_no_region_of_ours(sandbox, start):
    with sandbox.credentials_file.open("a") as file:
        file.write("[default]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n")
    start()
    assert sandbox.command("use", "dev", "--region", "us-west-2").returncode == 4
    comes(sandbox, OURS.format("us-west-2"))


@pytest.mark.usefixtures("dev")
def test_a_file_that_is_broken_is_left_and_reported_until_it_is_whole_again(sandbox, start):
    start()
    comes(sandbox, OURS.format("eu-west-1"))
    sandbox.wait_for_profile("dev-session")
    broken = "[default]\nregion = x\n[default]\n"
    sandbox.aws_config.write_text(broken, newline="\n")
    rest(sandbox)
    done = use(sandbox, "dev", "us-west-2")
    assert f"Cannot write a region to {sandbox.aws_config}, line 3" in done.stderr
    assert sandbox.profiles()["default"]["traycreds_role"] == "dev"
    assert "Cannot write a region" in sandbox.command("status").stdout
    assert text(sandbox) == broken
    sandbox.aws_config.write_text("")
    rest(sandbox)
    until(lambda: sandbox.command("use", "dev").stderr == "", "the note goes with its cause")
    assert parse(text(sandbox)) == parse(OURS.format("us-west-2") + DEFAULT.format("us-west-2"))


@pytest.mark.usefixtures("dev")
def test_a_role_that_is_taken_out_of_the_configuration_takes_its_region_along(sandbox, start):
    sandbox.add_role("prod", extra='region = "sa-east-1"')
    app = start()
    use(sandbox, "prod")
    sandbox.config.write_text(sandbox.config.read_text().replace("[roles.dev]", "[roles.other]"))
    use(sandbox, "prod")
    until(lambda: "profile dev-session" not in parse(text(sandbox)), "it is gone")
    app.kill()
    app.wait(PATIENCE)
    assert "profile prod-session" in parse(text(sandbox))
    sandbox.config.write_text(sandbox.config.read_text().replace("[roles.prod]", "[roles.third]"))
    kept = parse(sandbox.credentials_file.read_text())
    sandbox.credentials_file.write_text(
        "".join(f"[{name}]\n" + "".join(f"{k} = {v}\n" for k, v in kept[name].items()) for name in ("base",))
    )
    start()
    until(lambda: "profile prod-session" not in parse(text(sandbox)), "what an earlier run left is found too")


@pytest.mark.usefixtures("dev")
def test_once_writes_it_too_and_leaves_the_rest(sandbox):
    sandbox.add_role("prod", extra='region = "sa-east-1"')
    assert sandbox.command("once", "dev").returncode == 0
    assert text(sandbox) == OURS.format("eu-west-1")
    assert sandbox.command("once", "prod").returncode == 0
    assert set(parse(text(sandbox))) == {"profile dev-session", "profile prod-session"}


@pytest.mark.usefixtures("dev")
def test_our_section_is_no_role_to_anybody(sandbox, start):
    start()
    comes(sandbox, OURS.format("eu-west-1"))
    done = sandbox.command("doctor")
    assert "dev-session" not in done.stdout
    shown = sandbox.command("import", "--dry-run", "--json")
    assert "dev-session" not in shown.stdout
    sandbox.command("quit")
    sandbox.config.unlink()
    assert json.loads(sandbox.command("status", "--json").stdout)["roles"] == []


WRITER = """
import pathlib, sys, time
from traycreds.files import rewrite
path, locks = map(pathlib.Path, sys.argv[1:])
for number in range(6):
    rewrite.rewrite(path, locks, lambda text: (text or "") + f"[profile p{number}]\\noutput = json\\n")
"""


@pytest.mark.usefixtures("dev")
def test_others_that_write_at_the_same_time_lose_nothing(sandbox, start):
    start()
    comes(sandbox, OURS.format("eu-west-1"))
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(sandbox.aws_config), str(sandbox.state / "locks")])
    regions = ("us-east-1", "us-west-2", "ap-south-1", "eu-north-1")
    for region in regions:
        use(sandbox, "dev", region)
    assert writer.wait(PATIENCE) == 0

    def of_ours():
        found = parse(text(sandbox))
        return {found["profile dev-session"]["region"], found["default"]["region"]}

    # The app writes a region once the file has settled, after `use` has answered.
    until(lambda: of_ours() == {regions[-1]}, "the last region wins")
    assert {f"profile p{number}" for number in range(6)} <= set(parse(text(sandbox)))


@pytest.mark.parametrize("region", ["eu west", "eu_west_1", "x" * 64, "é", "eu-wst-1", "Frankfurt", "us-east-1a"])
def test_what_can_be_no_region_is_usage(sandbox, region):
    done = sandbox.command("use", "dev", "--region", region)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not a region name" in done.stderr
    assert ("Did you mean" in done.stderr) == (region not in {"x" * 64, "é"})


@pytest.mark.measures
@pytest.mark.usefixtures("dev")
def test_one_after_the_other_waits_for_nobody(sandbox, start):
    """What we wrote a moment ago ourselves is whole, other than what another program may still be writing."""
    start()
    use(sandbox, "dev", "us-west-2")
    time.sleep(2)
    begun = time.perf_counter()
    for region in ("eu-west-2", "eu-west-3", "eu-west-1"):
        use(sandbox, "dev", region)
    assert (time.perf_counter() - begun) / slowness() < 3 * write_end.SECONDS
