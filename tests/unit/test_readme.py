"""What the README says of the code is made from the code."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def reference(*arguments):
    command = [sys.executable, ROOT / "packaging" / "reference.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_the_reference_of_the_configuration_is_the_code_s():
    done = reference(ROOT / "README.md", "--check")
    assert done.returncode == 0, f"{done.stderr}\nrun: python packaging/reference.py README.md"


def test_a_reference_that_has_parted_from_the_code_is_found_and_mended(tmp_path):
    copy = tmp_path / "README.md"
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    copy.write_text(text.replace("| `favourite` |", "| `favorite` |"), encoding="utf-8")
    assert reference(copy, "--check").returncode == 1
    assert reference(copy).returncode == 0
    assert copy.read_text(encoding="utf-8") == text
