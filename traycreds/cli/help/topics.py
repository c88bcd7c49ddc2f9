"""The topics of `traycreds help`: what no single command explains, in a screen each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from traycreds.state.paths import Paths


class Topic(NamedTuple):
    """One topic: its line in the list, and its text with file names in braces."""

    about: str
    text: str


TOPICS: Mapping[str, Topic] = {
    "start": Topic(
        "the first role, step by step",
        """\
1. See it work first: `traycreds demo`
2. Have a profile with your own keys in ~/.aws/credentials (`aws configure`),
   or a sign-in to IAM Identity Center in ~/.aws/config (`aws configure sso`).
3. Add a role: `traycreds add`
   Or import the ones you have: `traycreds import`
4. Check it: `traycreds doctor`
5. Start the app: `traycreds`
6. Use the role: `aws s3 ls --profile NAME-session`
   Or make it the default profile: `traycreds use NAME`
""",
    ),
    "default": Topic(
        "how a role becomes the default profile",
        """\
`traycreds use ROLE` writes the session of ROLE to [default] too, so every
AWS tool without --profile uses that role. The app refreshes both.

Only one role is the default. `traycreds use --none` removes [default] from
the file. traycreds never changes a [default] that you wrote yourself.
To keep it under another name: `traycreds import take-over default --as base`

Variables such as AWS_PROFILE and AWS_ACCESS_KEY_ID take precedence over the
default profile in AWS tools. `traycreds doctor` lists them.
""",
    ),
    "mfa": Topic(
        "how MFA codes work",
        """\
A role that asks for MFA has mfa_serial in the configuration, or in its profile
of ~/.aws/config. When it needs a code, the app says so in a notice and in the
menu, and a click opens the window that asks for it. In a terminal,
`traycreds run --no-tray` and `traycreds once` ask at once.

One code serves all roles of a device for up to 36 hours (mfa_session in
[settings]). mfa_process names a program that prints the code, so you do not
have to type it.

To keep your own MFA session as a profile, add it without a role:
`traycreds add me --source-profile base --mfa-serial ARN`
""",
    ),
    "sso": Topic(
        "how sign-ins to IAM Identity Center work",
        """\
`traycreds login SESSION` signs in to an [sso-session] of ~/.aws/config, in your
browser. The AWS CLI and the SDKs share the sign-in. The app renews it silently
while IAM Identity Center allows it, and asks you to sign in again after that.

`traycreds import sso SESSION` adds accounts and roles of the sign-in.
`traycreds logout SESSION` signs out.
""",
    ),
    "states": Topic(
        "what the states of a role mean",
        """\
Fresh        its session works, and is refreshed in time if the role is kept
Refreshing   traycreds is getting a new session
Expires soon its session expires within notify_before, and nothing refreshes it
Expired      its session has expired
No session   the last refresh failed; the reason is below the table
Needs ...    it needs a code, a sign-in or something else from you
Off          it is not kept, and has no session
""",
    ),
    "files": Topic(
        "where files are on this machine",
        """\
configuration      {config_file}
credentials        {credentials_file}
AWS configuration  {aws_config_file}
choices and state  {state_dir}
log                {log_dir}

In the credentials file, traycreds changes only the sections that have the line
traycreds_role = ...
""",
    ),
    "environment": Topic(
        "which environment variables traycreds reads",
        """\
TRAYCREDS_CONFIG             the configuration file, as --config
AWS_SHARED_CREDENTIALS_FILE  the credentials file
AWS_CONFIG_FILE              the configuration of AWS tools
NO_COLOR                     no colors, if it is set to anything
SHELL                        the shell that `traycreds env` writes for
BROWSER                      the browser of sign-ins; sign_in_browser wins
HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE, AWS_ENDPOINT_URL_STS
                             as in every AWS tool
""",
    ),
    "exit-codes": Topic(
        "exit codes",
        """\
0    ok
2    the configuration or the command line is wrong
3    AWS refused or could not be reached, or a refresh brought no new session
4    the credentials file cannot be used, or doctor found more than notes
5    no app is running
1    an unexpected error; --verbose prints the details
130  you interrupted the command

`traycreds exec` exits with the code of the program that it runs.
""",
    ),
}


def listed() -> str:
    """All topics, each with its line."""
    width = max(map(len, TOPICS))
    return "topics:\n" + "".join(f"  {name:<{width}}  {topic.about}\n" for name, topic in TOPICS.items())


def text(name: str, paths: Paths) -> str:
    """The text of a topic, with the files of this machine."""
    places = {place: getattr(paths, place) for place in _PLACES}
    return TOPICS[name].text.format(**places) if name == "files" else TOPICS[name].text


_PLACES = ("config_file", "credentials_file", "aws_config_file", "state_dir", "log_dir")
