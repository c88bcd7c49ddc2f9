"""traycreds that gives the running app as long as a busy machine needs: python -m tests.integration.cli.patient_command."""

from __future__ import annotations

import sys

from traycreds.__main__ import main
from traycreds.control import client

if __name__ == "__main__":
    client.CONNECT_SECONDS = client.ANSWER_SECONDS = 40.0
    sys.exit(main())
