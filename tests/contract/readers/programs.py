"""The readers: what each one is, how it asks for the one object or its bucket, and what must be installed for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tests.contract.readers import installed_programs
from tests.contract.readers.fake_s3 import OBJECT, REGION

Command = Callable[[str, str], list[str]]
"""The command line, from the host of the fake S3 and a bucket."""

_BOTO3 = """
import boto3, sys
boto3.client("s3", endpoint_url=f"http://{sys.argv[1]}").head_bucket(Bucket=sys.argv[2])
"""
_AWSCRT = f"""
import sys
from awscrt import auth, http, io, s3
host, bucket = sys.argv[1:]
bootstrap = io.ClientBootstrap.get_or_create_static_default()
provider = auth.AwsCredentialsProvider.new_default_chain(bootstrap)
signing = s3.create_default_s3_signing_config(region="{REGION}", credential_provider=provider)
client = s3.S3Client(
    bootstrap=bootstrap, region="{REGION}", signing_config=signing, tls_mode=s3.S3RequestTlsMode.DISABLED
)
request = http.HttpRequest("GET", f"/{{bucket}}/{OBJECT}", http.HttpHeaders([("Host", host)]))
client.make_request(request=request, type=s3.S3RequestType.GET_OBJECT).finished_future.result(30)
"""
_PYARROW = f"""
import sys
from pyarrow import fs
s3 = fs.S3FileSystem(endpoint_override=sys.argv[1], scheme="http")
assert s3.get_file_info(f"{{sys.argv[2]}}/{OBJECT}").is_file
"""
_PYLANCE = f"""
import sys
from lance.file import LanceFileSession
options = {{"endpoint": f"http://{{sys.argv[1]}}", "allow_http": "true"}}
assert LanceFileSession(f"s3://{{sys.argv[2]}}", storage_options=options).contains("{OBJECT}")
"""
_RASTERIO = f"""
import sys, rasterio
options = {{"AWS_S3_ENDPOINT": sys.argv[1], "AWS_HTTPS": "NO", "AWS_VIRTUAL_HOSTING": "FALSE"}}
with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", CPL_VSIL_CURL_ALLOWED_EXTENSIONS=".asc", **options):
    assert rasterio.open(f"/vsis3/{{sys.argv[2]}}/{OBJECT}").read() == 7
"""
_MINIO = f"""
import sys
from minio import Minio
from minio.credentials import AWSConfigProvider
client = Minio(sys.argv[1], credentials=AWSConfigProvider(), secure=False, region="{REGION}")
assert client.bucket_exists(sys.argv[2])
"""
_JAVASCRIPT = """
const { S3Client, HeadBucketCommand } = require("@aws-sdk/client-s3");
const [host, bucket] = process.argv.slice(1);
const s3 = new S3Client({ endpoint: `http://${host}`, forcePathStyle: true });
s3.send(new HeadBucketCommand({ Bucket: bucket })).catch((error) => { console.error(error); process.exit(1); });
"""
_RUBY = """
require "aws-sdk-s3"
host, bucket = ARGV
Aws::S3::Client.new(endpoint: "http://#{host}", force_path_style: true).head_bucket(bucket: bucket)
"""


@dataclass(frozen=True)
class Program:
    """One reader of the credentials file.

    Attributes:
        name: what docs/platforms.md calls it.
        agent: a part of its User-Agent, so that it is surely this one and no other that reads.
        command: its command line.
        missing: why it cannot be run and what to do; nothing if it can.
        exit_code: how it ends when all is well.
    """

    name: str
    agent: str
    command: Command
    missing: Callable[[], str]
    exit_code: int = 0


def _nothing() -> str:
    """It is in the test extra."""
    return ""


@cache
def _missing_rclone() -> str:
    # A later one holds the SDK for Go v2, as that of the wheels does.
    right = not installed_programs.missing_debian("rclone") and "rclone v1.60." in _output("rclone", "version")
    return "" if right else f"needs rclone 1.60: {installed_programs.APT}"


@cache
def _missing_ruby() -> str:
    if missing := installed_programs.missing_debian("ruby"):
        return missing
    right = "aws-sdk-s3" in _output("ruby", "-e", 'print Gem::Specification.find_by_name("aws-sdk-s3").name')
    return "" if right else f"needs the SDK for Ruby: {installed_programs.APT}"


def _output(*command: str) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60).stdout


def _python(code: str, python: str = sys.executable) -> Command:
    return lambda host, bucket: [python, "-c", code, host, bucket]


def _of_wheels(code: str) -> Command:
    return _python(code, installed_programs.wheels_program("python"))


def _rclone(program: str) -> Command:
    options = f"env_auth=true,region={REGION},provider=Other,force_path_style=true"
    quiet = ["--config", "", "--retries", "1", "--low-level-retries", "1"]
    return lambda host, bucket: [program, "lsf", *quiet, f":s3,{options},endpoint='http://{host}':{bucket}"]


def _awscli(host: str, bucket: str) -> list[str]:
    return [sys.executable, "-m", "awscli", "s3", "ls", f"s3://{bucket}", "--endpoint-url", f"http://{host}"]


def _restic(host: str, bucket: str) -> list[str]:
    # There is no repository, which it says with exit code 1 as soon as it was allowed to look.
    repository = f"--repo=s3:http://{host}/{bucket}"
    return ["restic", "--no-cache", "--password-command=echo none", repository, "cat", "config"]


def _s3cmd(host: str, bucket: str) -> list[str]:
    where = ["--host", host, "--host-bucket", host, "--no-ssl", "--region", REGION]
    return ["s3cmd", "--config", "/nowhere", *where, "ls", f"s3://{bucket}"]


PROGRAMS = (
    Program("boto3", "Boto3/", _python(_BOTO3), _nothing),
    Program("AWS CLI v1", "aws-cli/1.", _awscli, _nothing),
    Program(
        "AWS SDK for JavaScript v3",
        "aws-sdk-js/3.",
        lambda *to: ["node", "-e", _JAVASCRIPT, *to],
        installed_programs.missing_javascript,
    ),
    Program("AWS SDK for Ruby v3", "aws-sdk-ruby3/", lambda *to: ["ruby", "-e", _RUBY, *to], _missing_ruby),
    Program("AWS SDK for Go v1 (in rclone 1.60)", "rclone/", _rclone("rclone"), _missing_rclone),
    Program(
        "AWS SDK for Go v2 (in rclone 1.75)",
        "rclone/v1.75.",
        _rclone(installed_programs.wheels_program("rclone")),
        installed_programs.missing_wheels,
    ),
    Program("AWS SDK for C++ (in pyarrow)", "aws-sdk-cpp/", _of_wheels(_PYARROW), installed_programs.missing_wheels),
    # The requests are object_store's own, the credentials come from the SDK (aws-config).
    Program("AWS SDK for Rust (in pylance)", "object_store/", _of_wheels(_PYLANCE), installed_programs.missing_wheels),
    Program("AWS Common Runtime in C (in awscrt)", "CRTS3NativeClient/", _python(_AWSCRT), _nothing),
    Program("GDAL (in rasterio)", "GDAL/", _of_wheels(_RASTERIO), installed_programs.missing_wheels),
    Program("MinIO SDK for Python", "minio-py/", _of_wheels(_MINIO), installed_programs.missing_wheels),
    Program(
        "MinIO SDK for Go (in restic)",
        "minio-go/",
        _restic,
        lambda: installed_programs.missing_debian("restic"),
        exit_code=1,
    ),
    # It knows only ~/.aws/credentials and its own AWS_CREDENTIAL_FILE, and says no name of its own.
    Program("s3cmd", "", _s3cmd, lambda: installed_programs.missing_debian("s3cmd")),
)
