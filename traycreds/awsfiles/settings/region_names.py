"""Valid names of AWS regions, and which one a typo meant. The form decides, because AWS opens new regions."""

from __future__ import annotations

import re

from traycreds.core.errors import UsageError
from traycreds.core.lookup import did_you_mean

PLACES = {
    "af-south-1": "Cape Town",
    "ap-east-1": "Hong Kong",
    "ap-east-2": "Taipei",
    "ap-northeast-1": "Tokyo",
    "ap-northeast-2": "Seoul",
    "ap-northeast-3": "Osaka",
    "ap-south-1": "Mumbai",
    "ap-south-2": "Hyderabad",
    "ap-southeast-1": "Singapore",
    "ap-southeast-2": "Sydney",
    "ap-southeast-3": "Jakarta",
    "ap-southeast-4": "Melbourne",
    "ap-southeast-5": "Malaysia",
    "ap-southeast-6": "New Zealand",
    "ap-southeast-7": "Thailand",
    "ca-central-1": "Central Canada",
    "ca-west-1": "Calgary",
    "eu-central-1": "Frankfurt",
    "eu-central-2": "Zurich",
    "eu-north-1": "Stockholm",
    "eu-south-1": "Milan",
    "eu-south-2": "Spain",
    "eu-west-1": "Ireland",
    "eu-west-2": "London",
    "eu-west-3": "Paris",
    "il-central-1": "Tel Aviv",
    "me-central-1": "UAE",
    "me-south-1": "Bahrain",
    "mx-central-1": "Mexico",
    "sa-east-1": "Sao Paulo",
    "us-east-1": "N. Virginia",
    "us-east-2": "Ohio",
    "us-west-1": "N. California",
    "us-west-2": "Oregon",
    "us-gov-east-1": "US Gov East",
    "us-gov-west-1": "US Gov West",
    "cn-north-1": "Beijing",
    "cn-northwest-1": "Ningxia",
    "eusc-de-east-1": "Brandenburg",
}
"""The places of botocore's regions, without the secret partitions."""

_DIRECTIONS = "north|south|east|west|central|northeast|northwest|southeast|southwest"
_FORM = rf"(?:fips-)?[a-z]{{2,4}}(?:-[a-z]{{2,4}})?-(?:{_DIRECTIONS})-[1-9][0-9]?(?:-fips)?|aws-global"
"""An area, sometimes a part of it, a direction and a number; and botocore's pseudo-regions."""
_APART = "fips-.*|.*-fips|aws-global|(?:us|eu)-iso[a-z]?-.*"
"""botocore's pseudo-regions, and those of the secret partitions."""
_ZONE = "[a-z]$"

HINT = "Write it like eu-west-1."


def is_region(name: str) -> bool:
    """Whether a region can have this name, known or not."""
    return re.fullmatch(_FORM, name) is not None


def is_known(name: str) -> bool:
    """Whether botocore knows a region of this name."""
    return name in PLACES or re.fullmatch(_APART, name) is not None


def meant_by(name: str) -> str:
    """What to say about an impossible region name."""
    wanted = name.strip().strip("\"'").lower()
    by_place = {place.lower(): region for region, place in PLACES.items()}
    if wanted in by_place:
        return f"Did you mean {by_place[wanted]}?"
    # An availability zone is a region with a letter at its end.
    if re.sub(_ZONE, "", wanted) in PLACES:
        return f"Did you mean {re.sub(_ZONE, '', wanted)}?"
    first = next((region for region in PLACES if wanted and region.startswith(f"{wanted}-")), None)
    # The name may lack only its number.
    if first is not None:
        return f"Did you mean {first}?"
    return did_you_mean(re.split(r"\s[#;]", wanted)[0].strip(), PLACES, otherwise=HINT)


def check_option(text: str) -> None:
    """Refuse what `--region` names. Raises UsageError: it cannot be a region."""
    if not is_region(text):
        raise UsageError(f'--region "{text}" is not a region name.', meant_by(text))
