"""What hints outside `aws.error_table` say of a failed refresh is carried out, and the same refresh succeeds."""

from __future__ import annotations

import json
import shlex
import sys
from datetime import datetime, timedelta, timezone

import pytest

from tests.chaos.answers import ENDLESS, Answers
from tests.contract.error_remedies import HOUR, OF_DEV, Table, aws, carry_out, certificate, device, name_of, trial  # noqa: F401
from tests.integration.sts.conftest import ARN, code
from tests.integration.sts.sessions import a_process
from tests.support.builders import a_role
from tests.windows.mark import not_on_windows
from traycreds.aws import connections
from traycreds.aws.error_table import ErrorText
from traycreds.aws.mfa import code_program
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, TraycredsError
from traycreds.files import contents
from traycreds.process import bounded_program, user_hook
from traycreds.sim import Fault

CONFIG, PROGRAM, SOURCE = FailureKind.BAD_CONFIG, FailureKind.PROGRAM, FailureKind.SOURCE_EXPIRED
remedy = Table()


def says(kind: FailureKind, sentence: str, hint: str):
    """A failure of this kind that is reported in these words, in which {} stands for a value."""
    row = ErrorText(kind, sentence.replace("{}", "{value}"), hint.replace("{}", "{value}"))
    return remedy(row, sentence.partition("{}")[0], hint.partition("{}")[0])


@says(CONFIG, "Role dev has no source profile.", "Give it a source_profile in the configuration.")
def role_of_nobody(trial):
    trial.role = a_role("dev", arn=trial.aws.role.arn, source_profile=None)
    yield
    trial.role = a_role("dev", arn=trial.aws.role.arn)


@says(
    CONFIG,
    "Profile dev has both source_profile and credential_source.",
    "Remove one of them from ~/.aws/config.",
)
def two_sources(trial):
    trial.config(f"{OF_DEV}credential_source = Environment\n")
    yield
    trial.config(OF_DEV)


@says(CONFIG, "Profile dev has a role_arn but no source_profile.", "Add a source_profile to it in ~/.aws/config.")
def no_source(trial):
    trial.config(f"role_arn = {ARN}/dev\n")
    yield
    trial.config(OF_DEV)


@says(
    CONFIG,
    "Profile gone, which role dev needs, is in neither ~/.aws/config nor ~/.aws/credentials.",
    "Add it there, or choose another profile in the configuration.",
)
def no_profile(trial):
    trial.role = a_role("dev", arn=trial.aws.role.arn, source_profile="gone")
    yield
    trial.aws.credentials(trial.aws.keys("gone", trial.aws.user))


def session_of_a_program(trial, **changes) -> None:
    session = trial.world.open_session(trial.aws.user.principal, expires_at=datetime.now(timezone.utc) + HOUR)
    trial.config(f"credential_process = {a_process(trial.aws, session, lasts=HOUR)}\n")
    trial.role = a_role("dev", arn=None, source_profile=None, from_profile="dev", **changes)


@says(
    CONFIG, "Role dev cannot have policy.", "Profile dev provides its session as is: remove the setting from the role."
)
def policy_for_a_session_as_it_is(trial):
    session_of_a_program(trial, policy='{"Statement": []}')
    yield
    trial.role = a_role("dev", arn=None, source_profile=None, from_profile="dev")


@says(
    CONFIG,
    "Role dev cannot have tags.",
    "The web identity token of profile dev already sets this: remove the setting from the role.",
)
def tags_beside_a_token(trial):
    trial.token_file(trial.web_token())
    trial.role = a_role("dev", arn=None, source_profile=None, from_profile="dev", tags=(("team", "core"),))
    yield
    trial.role = a_role("dev", arn=None, source_profile=None, from_profile="dev")


@says(
    PROGRAM,
    "Role dev has no session to write: {} returned keys without a token.",
    "Have its credential_process print a SessionToken.",
)
def program_without_a_token(trial):
    session_of_a_program(trial)
    program = trial.aws.folder / "process.py"
    whole = program.read_text()
    program.write_text(whole.replace("SessionToken", "Token"))
    yield
    program.write_text(whole)


@says(
    CONFIG,
    "Role dev has no session to renew: the keys of {} never expire.",
    "Give the role a role_arn, and this profile as its source_profile.",
)
def keys_for_a_session(trial):
    trial.role = a_role("dev", arn=None, source_profile=None, from_profile="base")
    yield
    trial.role = a_role("dev", arn=trial.aws.role.arn, source_profile="base")


TOKEN = "Write the token there again, or fix web_identity_token_file in the profile."


@says(SOURCE, "The web identity token of role dev cannot be read: {}.", TOKEN)
def token_that_is_gone(trial):
    trial.token_file("").unlink()
    yield
    trial.token_file(trial.web_token())


@says(SOURCE, "The web identity token of role dev cannot be read: {}.", TOKEN)
def token_file_that_is_another(trial):
    file = trial.token_file(trial.web_token())
    trial.config(f"role_arn = {ARN}/ci\nweb_identity_token_file = {file}-old\n")
    yield
    trial.config(f"role_arn = {ARN}/ci\nweb_identity_token_file = {file}\n")


@says(
    PROGRAM,
    "Profile dev got no usable credentials{}.",
    "Run the credential_process of profile dev in a terminal, and fix what it prints.",
)
def program_of_another_form(trial):
    session_of_a_program(trial)
    program = trial.aws.folder / "process.py"
    whole = program.read_text()
    program.write_text("print([])\n")
    yield
    program.write_text(whole)


@says(
    SOURCE,
    "Profile ci got no usable credentials{}.",
    "Write a token to the web_identity_token_file of profile ci, or fix its path.",
)
def token_of_a_source(trial):
    file = trial.token_file(trial.web_token())
    trial.aws.add_role("top", trust=[f"{ARN}/ci"])
    web = f"role_arn = {ARN}/top\nsource_profile = ci\n[profile ci]\nrole_arn = {ARN}/ci\nweb_identity_token_file = "
    trial.config(f"{web}{file}-old\n")
    yield
    trial.config(f"{web}{file}\n")


@says(
    FailureKind.ANSWER,
    "The credential_source EcsContainer of profile dev got no usable credentials{}.",
    "Check the service behind EcsContainer; traycreds retries.",
)
def service_with_an_old_session(trial):
    service = trial.of_machine("EcsContainer")
    trial.patch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{service.url}/container")
    trial.patch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", service.authorization)
    right = service.credentials
    service.credentials = lambda: json.dumps({**json.loads(right()), "Expiration": "2020-01-01T00:00:00Z"})
    yield
    service.credentials = right


IDENTITY = "aws sts get-caller-identity --profile base --region us-east-1"


@says(
    SOURCE,
    "Profile base got no usable credentials{}.",
    f"Check its keys and its sign-in with: {IDENTITY}",
)
def key_with_a_blank(trial):
    text = trial.aws.keys("base", trial.aws.user)
    trial.aws.credentials(text.replace("secret_access_key = ", "secret_access_key = a "))
    yield
    command = IDENTITY.split()[1:]
    assert "SignatureDoesNotMatch" in trial.in_terminal(*command)
    trial.aws.credentials(text)


@says(CONFIG, "Another program is writing {}.", "traycreds reads it once that program finishes.")
def file_in_the_middle_of_a_write(trial):
    read = contents.read
    with trial.patch.context() as half:
        half.setattr("traycreds.files.write_end.is_unfinished", lambda reading: True)
        half.setattr(contents, "read", read)
        yield


@says(
    FailureKind.ANSWER,
    "{} sent more than {} MiB in one response, so traycreds stopped reading.",
    "Check for a proxy or a network sign-in page between this machine and AWS.",
)
def page_without_an_end(trial):
    answers = Answers(trial.aws.sim, lambda: datetime.now(timezone.utc))
    answers.changes[None] = lambda body: "x" * ENDLESS
    yield
    answers.changes.clear()


@says(
    FailureKind.NETWORK,
    "AWS did not respond for dev within {} seconds.",
    "Check the network or proxy; traycreds retries.",
)
def silence_until_the_deadline(trial):
    trial.patch.setitem(StsSource.__init__.__kwdefaults__, "deadline", 0.5)
    trial.faults.set(Fault.HANG)
    yield
    trial.patch.setitem(StsSource.__init__.__kwdefaults__, "deadline", connections.SECONDS)
    trial.faults.clear()
    trial.restarts = True


def mfa_role(trial, script: str) -> str:
    """A role whose codes a program prints."""
    program = trial.aws.folder / "codes.py"
    program.write_text(script)
    command = shlex.join((sys.executable, str(program)))
    trial.aws.add_role("dev", requires_mfa=True, max_session=43200)
    trial.role = a_role("dev", arn=f"{ARN}/dev", mfa_serial=trial.device.serial, mfa_process=command)
    return command


@says(PROGRAM, "{} printed no MFA code: {}.", "Run the mfa_process command in a terminal.")
def program_that_prints_no_code(trial):
    mfa_role(trial, "raise SystemExit('Plug in the key.')")
    yield
    mfa_role(trial, f"print({code(trial.device)!r})")
    # Roles share a program's failure for some seconds, but not after a restart.
    trial.mfa, trial.restarts = MfaSessions(), True


@says(
    PROGRAM,
    "{} printed no MFA code within {} seconds.",
    "If your security key waits for a touch, choose Enter MFA code and touch it.",
)
def program_that_waits_for_a_touch(trial):
    mfa_role(trial, "import time\ntime.sleep(60)")
    trial.patch.setattr(code_program.run, "__defaults__", (0.5,))
    yield
    trial.mfa.offer(trial.device.serial, code(trial.device))


@pytest.mark.parametrize("row", remedy.rows, ids=name_of)
def test_a_hint_that_is_carried_out_lets_the_same_refresh_succeed(trial, row):
    carry_out(trial, row)


def test_a_duration_that_the_role_allows_leaves_nothing_to_note(trial):
    source = StsSource()
    noted = source.issue(a_role("dev", arn=trial.aws.role.arn, duration=timedelta(hours=4))).note
    assert noted is not None
    assert noted.endswith(
        "Its sessions last one hour because AWS does not allow it 4 h. Set its duration to what the role allows."
    )
    assert source.issue(a_role("dev", arn=trial.aws.role.arn, duration=timedelta(hours=1))).note is None


PRINTS_MUCH = "Run its command in a terminal, and make it print only what is needed."


@pytest.mark.parametrize(
    ("script", "hint"),
    [
        ("print('x' * 9 * 1024**2)", PRINTS_MUCH),
        ("import time\ntime.sleep(60)", "Run its command in a terminal, and make it faster."),
    ],
)
def test_a_program_that_prints_too_much_or_takes_too_long(tmp_path, script, hint):
    program = tmp_path / "program.py"
    program.write_text(script)
    with pytest.raises(TraycredsError) as caught:
        bounded_program.run([sys.executable, str(program)], seconds=5 if hint == PRINTS_MUCH else 0.3, name="program")
    assert caught.value.hint == hint
    program.write_text("print('all')")
    assert bounded_program.run([sys.executable, str(program)], seconds=30, name="program").output.strip() == b"all"


@not_on_windows
@pytest.mark.parametrize(
    ("hook", "hint", "right"),
    [
        (["sh", "-c", "sleep 60"], "Start anything slower in the background.", ["sh", "-c", "sleep 60 &"]),
        (["sh", "-c", "exit 3"], "Try it in a terminal.", ["sh", "-c", "exit 0"]),
        (["sh\0"], "Remove it.", ["sh", "-c", "true"]),
        (
            ["no-such-hook"],
            "Write its full path. To print it, run this in a terminal that finds the program: ",
            ["/bin/true"],
        ),
    ],
)
def test_a_hook_that_fails(hook, hint, right):
    with pytest.raises(TraycredsError) as caught:
        user_hook.run(hook, {}, seconds=1)
    assert caught.value.hint.startswith(hint)
    user_hook.run(right, {}, seconds=30)
