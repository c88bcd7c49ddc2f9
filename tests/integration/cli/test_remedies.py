"""Each remedy that is given is carried out, and the trouble is gone."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.cli.conftest import ARN
from traycreds.aws.botocore_session import certificates

ROLE = "[profile dev]\nrole_arn = {arn}\nsource_profile = base\n"
FROM = '[roles.dev]\nfrom_profile = "dev"\n'


class Case(NamedTuple):
    """A mistake, what is said of it, and what the remedy makes of it.

    Attributes:
        what: the case.
        mistake: the text that is wrong.
        sentence: what is in the sentence.
        remedy: the whole remedy, with the text that puts things right.
        right: the text that it names.
        file: where the mistake stands; "config", "toml", or a variable of the environment.
        around: the text of that file with {} for the mistake.
    """

    what: str
    mistake: str
    sentence: str
    remedy: str
    right: str
    file: str = "config"
    around: str = ROLE + "{}\n"


NUMBER = "Write a whole number of at least 1, without a unit."
PORT = "Write the number of a port, such as 31000."
BLOCK = "Write addressing_style = auto in an indented line below it, or remove it."
ADDRESS = "Write an address like http://127.0.0.1:4566, without spaces."


def of_address(what, mistake, sentence):
    """A mistake in the address of STS."""
    return Case(what, mistake, sentence, ADDRESS, "{url}", "AWS_ENDPOINT_URL_STS", "{}")


SETTINGS = [
    Case(
        "a word that STS does not know",
        "sts_regional_endpoints = global",
        'sts_regional_endpoints of profile dev is "global"',
        "Write regional or legacy.",
        "sts_regional_endpoints = regional",
    ),
    Case(
        "a mode of defaults",
        "defaults_mode = fast",
        'defaults_mode of profile dev is "fast"',
        "Write legacy, standard, in-region, cross-region, mobile or auto.",
        "defaults_mode = in-region",
    ),
    Case(
        "when checksums are checked",
        "response_checksum_validation = sometimes",
        'response_checksum_validation of profile dev is "sometimes"',
        "Write when_supported or when_required.",
        "response_checksum_validation = when_required",
    ),
    Case(
        "a mode of the metadata service",
        "ec2_metadata_service_endpoint_mode = ipv7",
        'ec2_metadata_service_endpoint_mode of profile dev is "ipv7"',
        "Write ipv4 or ipv6.",
        "ec2_metadata_service_endpoint_mode = ipv6",
    ),
    Case(
        "a version of STS that does not exist",
        "api_versions =\n  sts = 2010-01-01",
        "api_versions of profile dev has a different sts from botocore's",
        "Write sts = 2011-06-15, or remove it.",
        "api_versions =\n  sts = 2011-06-15",
    ),
    Case(
        "a number with a unit, beside static keys",
        "metadata_service_timeout = 1s",
        'metadata_service_timeout of profile dev is "1s"',
        NUMBER,
        "metadata_service_timeout = 1",
    ),
    Case(
        "a style of S3 addresses",
        "s3 =\n  addressing_style = foo",
        's3 of profile dev has an addressing_style that is "foo"',
        "Write addressing_style = auto, path or virtual.",
        "s3 =\n  addressing_style = path",
    ),
    Case(
        "a port",
        "csm_port = x",
        'csm_port of profile dev is "x"',
        PORT,
        "csm_port = 31000",
        around=ROLE + "csm_enabled = true\n{}\n",
    ),
    Case("a block without lines", "s3 =", "s3 of profile dev is empty", BLOCK, "s3 =\n  addressing_style = auto"),
    Case(
        "a credential_source that does not exist",
        "credential_source = Foo",
        'credential_source of profile dev is "Foo"',
        "Write Environment, Ec2InstanceMetadata or EcsContainer.",
        "source_profile = base",
        around="[profile dev]\nrole_arn = {arn}\n{}\n",
    ),
    of_address(
        "an address without its scheme",
        "127.0.0.1:4566",
        "the variable AWS_ENDPOINT_URL_STS is an address that does not begin with http:// or https://",
    ),
    of_address(
        "an address with spaces around it",
        " {url} ",
        "the variable AWS_ENDPOINT_URL_STS is an address with spaces",
    ),
    of_address(
        "an address with an invalid port",
        "{url}x",
        "the variable AWS_ENDPOINT_URL_STS is an address with an invalid host or port",
    ),
    Case(
        "a city for a region",
        "region = Frankfurt",
        'its region is "Frankfurt", which is not a region name',
        "Did you mean eu-central-1?",
        "region = eu-central-1",
    ),
    Case(
        "a value on the line after its name",
        "region =\n  eu-west-1 = x",
        "region of profile dev is a block of lines, not text",
        "Write its value on the same line as its name.",
        "region = eu-west-1",
    ),
]


def files_of(row: Case, sandbox, text: str) -> dict[str, str]:
    """Lay out the files with the text in its place; return what the environment has besides."""
    places = {"arn": ARN, "url": sandbox.simulator.url, "home": str(sandbox.home)}

    def filled(words: str) -> str:
        for name, value in places.items():
            words = words.replace(f"{{{name}}}", value)
        return words.replace("{}", filled(text)) if "{}" in words else words

    contents = {"config": ROLE, "toml": FROM, row.file: row.around}
    sandbox.aws_config.write_text(filled(contents.pop("config")), encoding="utf-8")
    sandbox.config.write_text(filled(contents.pop("toml")), encoding="utf-8")
    return {name: filled(value) for name, value in contents.items()}


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.what)
def test_the_remedy_of_a_refresh_helps(home_of_dev, row):
    wrong = home_of_dev.command("once", "dev", **files_of(row, home_of_dev, row.mistake))
    assert row.sentence in wrong.stderr
    assert wrong.stderr.strip().endswith(row.remedy)
    assert wrong.returncode == 2
    doctor = home_of_dev.command("doctor", **files_of(row, home_of_dev, row.mistake))
    assert row.remedy in doctor.stdout
    assert doctor.returncode == 4
    environment = files_of(row, home_of_dev, row.right)
    right = home_of_dev.command("once", "dev", **environment)
    assert right.stderr == ""
    assert right.returncode == 0
    well = home_of_dev.command("doctor", **environment)
    assert well.stdout.endswith("No problems found.\n")
    assert well.returncode == 0


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
@pytest.mark.parametrize("command", [("once", "dev"), ("creds", "dev"), ("doctor",)])
def test_an_empty_variable_of_a_file_counts_as_none(home_of_dev, variable, command):
    home_of_dev.config.write_text(f'[roles.dev]\nrole_arn = "{ARN}"\nsource_profile = "base"\n')
    done = home_of_dev.command(*command, **{variable: ""})
    assert done.returncode == 0, done.stderr


def test_an_exec_without_dashes_names_the_command_that_runs(home_of_dev):
    home_of_dev.config.write_text(f'[roles.dev]\nrole_arn = "{ARN}"\nsource_profile = "base"\n')
    wrong = home_of_dev.command("exec", "dev", "echo", "it's", "here")
    assert wrong.returncode == 2
    command = wrong.stderr.strip().rpartition("write -- before the command: ")[2]
    program, *words = shlex.split(command)
    assert program == "traycreds"
    right = home_of_dev.command(*words)
    assert (right.returncode, right.stdout) == (0, "it's here\n"), right.stderr


def test_every_role_of_a_chain_has_our_session_name(home_of_dev):
    world = home_of_dev.simulator.world
    middle = world.add_role(f"{ARN}-middle", trust=[home_of_dev.owner.principal.arn])
    world.add_role(f"{ARN}-top", trust=[middle.arn])
    home_of_dev.aws_config.write_text(
        f"[profile middle]\nrole_arn = {middle.arn}\nsource_profile = base\n"
        f"[profile top]\nrole_arn = {ARN}-top\nsource_profile = middle\n"
    )
    home_of_dev.config.write_text('[roles.top]\nfrom_profile = "top"\n')
    done = home_of_dev.command("once", "top")
    assert done.returncode == 0, done.stderr
    names = [call.parameters["RoleSessionName"] for call in home_of_dev.simulator.calls]
    assert len(names) == 2
    assert all(name.startswith("traycreds") for name in names)


BASE_ROLE = f'[roles.dev]\nrole_arn = "{ARN}"\nsource_profile = "base"\n'


def check_file(home, sentence: str, hint: str) -> None:
    """`once` and `doctor` name the file itself, not the profile that is missing in it."""
    once, doctor = home.command("once", "dev"), home.command("doctor")
    assert once.returncode in {2, 4}
    assert doctor.returncode == 4
    for done, text in ((once, once.stderr), (doctor, doctor.stdout)):
        assert sentence in text, done
        assert hint in text
        assert "chmod" not in text
        assert "does not exist" not in text


@pytest.mark.skipif(sys.platform == "win32", reason="links of files need a right there")
def test_a_credentials_file_whose_volume_is_not_mounted(home_of_dev):
    home_of_dev.config.write_text(BASE_ROLE)
    volume = home_of_dev.home / "volume"
    volume.mkdir()
    text = home_of_dev.credentials_file.read_text()
    home_of_dev.credentials_file.unlink()
    home_of_dev.credentials_file.symlink_to(volume / "credentials")
    check_file(home_of_dev, f"is a link to {volume / 'credentials'}, which is missing", "Mount or unlock")
    assert list(volume.iterdir()) == []
    (volume / "credentials").touch(mode=0o600)
    (volume / "credentials").write_text(text)
    assert home_of_dev.command("once", "dev").returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="links of folders need a right there")
def test_a_linked_folder_whose_volume_is_not_mounted(home_of_dev):
    home_of_dev.config.write_text(BASE_ROLE)
    folder, volume, away = (home_of_dev.home / name for name in (".aws", "volume", "away"))
    folder.rename(volume)
    folder.symlink_to(volume)
    assert home_of_dev.command("once", "dev").returncode == 0
    volume.rename(away)
    # A volume that is not mounted leaves an empty mount point.
    volume.mkdir()
    check_file(home_of_dev, f"{folder} is a link to {volume}, which is empty now", "Mount or unlock")
    assert list(volume.iterdir()) == []
    volume.rmdir()
    away.rename(volume)
    assert home_of_dev.command("once", "dev").returncode == 0


def test_a_credentials_file_that_is_a_folder(home_of_dev):
    home_of_dev.config.write_text(BASE_ROLE)
    text = home_of_dev.credentials_file.read_text()
    home_of_dev.credentials_file.unlink()
    home_of_dev.credentials_file.mkdir()
    check_file(home_of_dev, "is not a regular file", "Move it away, or use another file.")
    home_of_dev.credentials_file.rename(home_of_dev.home / "away")
    home_of_dev.credentials_file.touch(mode=0o600)
    home_of_dev.credentials_file.write_text(text)
    assert home_of_dev.command("once", "dev").returncode == 0


def test_a_file_in_place_of_the_folder(home_of_dev):
    home_of_dev.config.write_text(BASE_ROLE)
    text = home_of_dev.credentials_file.read_text()
    shutil.rmtree(home_of_dev.home / ".aws")
    (home_of_dev.home / ".aws").touch()
    check_file(
        home_of_dev, f"because {home_of_dev.home / '.aws'} is not a folder", "Move that away, or use another file."
    )
    (home_of_dev.home / ".aws").unlink()
    (home_of_dev.home / ".aws").mkdir(mode=0o700)
    home_of_dev.credentials_file.touch(mode=0o600)
    home_of_dev.credentials_file.write_text(text)
    assert home_of_dev.command("once", "dev").returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no login shells")
def test_a_program_that_only_the_login_shell_finds(home_of_dev):
    home = home_of_dev.home
    tool = home / ".local/bin/some-tool"
    tool.parent.mkdir(parents=True)
    keys = {"Version": 1, "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s", "SessionToken": "t"}
    answer = json.dumps({**keys, "Expiration": "2036-01-01T00:00:00Z"})
    tool.write_text(f"#!/bin/sh\necho '{answer}'\n")
    tool.chmod(0o755)
    (home / ".bash_profile").write_text('PATH="$HOME/.local/bin:$PATH"\n')
    home_of_dev.aws_config.write_text("[profile dev]\ncredential_process = some-tool --json\n")
    home_of_dev.config.write_text(FROM)
    shell = {"SHELL": "/bin/bash"}
    without_session = home_of_dev.credentials_file.read_text()
    assert home_of_dev.command("once", "dev", **shell).returncode == 0
    note = "note: {}, line 2: some-tool, which credential_process names, is not on the PATH of your desktop; "
    done = home_of_dev.command("doctor", **shell)
    assert note.format(home_of_dev.aws_config) in done.stdout
    assert f"Write its full path: {tool}\n" in done.stdout
    assert done.returncode == 0
    home_of_dev.aws_config.write_text(f"[profile dev]\ncredential_process = {tool} --json\n")
    assert home_of_dev.command("doctor", **shell).stdout.endswith("No problems found.\n")

    home_of_dev.aws_config.write_text("[profile dev]\ncredential_process = some-tool --json\n")
    home_of_dev.config.write_text(f"{FROM}[settings]\nlogin_path = false\n")
    for command in ("once", "doctor"):
        done = home_of_dev.command(command, **shell)
        text = done.stdout + done.stderr
        assert "some-tool, which credential_process names, is not on the PATH of traycreds" in text
        assert f"Write its full path: {tool}" in text
    home_of_dev.aws_config.write_text(f"[profile dev]\ncredential_process = {tool} --json\n")
    home_of_dev.credentials_file.write_text(without_session)
    assert home_of_dev.command("once", "dev", **shell).returncode == 0
    assert home_of_dev.command("doctor", **shell).stdout.endswith("No problems found.\n")


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "ca_bundle"])
def test_a_bundle_of_certificates_that_is_not_there(home_of_dev, variable):
    """The endpoint speaks no TLS, so what is left without the mistake is that its certificate is not accepted."""
    home_of_dev.config.write_text(FROM)
    bundle = home_of_dev.home / "company.pem"
    of_profile = f"{variable} = {bundle}\n" if variable.islower() else ""
    home_of_dev.aws_config.write_text(ROLE.replace("{arn}", ARN) + of_profile)
    environment = {"AWS_ENDPOINT_URL_STS": home_of_dev.simulator.url.replace("http:", "https:")}
    environment |= {} if of_profile else {variable: str(bundle)}
    named = f"{variable} of profile dev" if of_profile else f"the variable {variable}"
    wrong = home_of_dev.command("once", "dev", **environment)
    assert f"because {named} names {bundle}: no such file or directory. Write the full path" in wrong.stderr
    assert wrong.returncode == 2
    bundle.write_text("<html>")
    assert f"{bundle}, which holds no certificates." in home_of_dev.command("once", "dev", **environment).stderr
    bundle.write_text(Path(certificates()).read_text(encoding="ascii"), encoding="ascii")
    right = home_of_dev.command("once", "dev", **environment)
    assert "The TLS certificate of 127.0.0.1" in right.stderr
    assert str(bundle) not in right.stderr


def test_the_region_of_a_sign_in_that_cannot_exist(home_of_dev):
    session = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = "
    profile = "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = R\n"
    home_of_dev.config.write_text(FROM)
    home_of_dev.aws_config.write_text(f"{profile}{session}eu-west-1 # home\n")
    wrong = home_of_dev.command("once", "dev")
    assert 'sso_region of sso-session corp is "eu-west-1 # home"' in wrong.stderr
    assert wrong.stderr.strip().endswith("Did you mean eu-west-1?")
    home_of_dev.aws_config.write_text(f"{profile}{session}eu-west-1\n")
    right = home_of_dev.command("once", "dev")
    assert "You are not signed in to corp, which role dev needs. Run: traycreds login corp" in right.stderr
