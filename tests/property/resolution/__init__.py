"""Differential fuzzing: whom traycreds asks, with which key, for a pair of AWS files, compared with botocore.

    python -m tests.property.resolution --pairs 20000      # prints the seed of each pair that differs
    python -m tests.property.resolution --seed 17          # replays one pair, with both files and all calls

What differs by design, and is left out of the comparison:

* Session names that no profile gives: ours name the user, botocore's the time.
* Durations over a temporary source, an MFA device or a web identity token: we cap or send what the profile says.
* MFA: we get one MFA session for all roles of a device, botocore sends the code with AssumeRole. Both count as "with MFA".
* Long-lived keys are no session: botocore hands them on, we refuse a role that has nothing else.
* A profile without any credentials: botocore continues to those of the machine (container, EC2), we never do.
"""

import os

# All tests set this before the import of botocore, which reads it only once.
os.environ.setdefault("BOTO_DISABLE_CRT", "true")
