"""The forms and workflows that the project's host reads are well formed, and call what exists."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.architecture.sources import ROOT, name_of

GITHUB = ROOT / ".github"
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
KINDS = {"markdown", "textarea", "input", "dropdown", "checkboxes"}


def faults_of_a_form(form):
    """What the host would refuse; its rules: "Syntax for GitHub's form schema" in its documentation."""
    faults = [key for key in ("name", "description", "body") if not form.get(key)]
    names = [field["id"] for field in form.get("body", ()) if "id" in field]
    faults += [name for name in set(names) if names.count(name) > 1 or not re.fullmatch(r"[\w-]+", name)]
    for field in form.get("body", ()):
        kind, attributes = field.get("type"), field.get("attributes", {})
        if kind not in KINDS or set(field) - {"type", "id", "attributes", "validations"}:
            faults.append(str(kind))
        elif not attributes.get("value" if kind == "markdown" else "label"):
            faults.append(f"{kind} without text")
        elif kind == "dropdown" and not attributes.get("options"):
            faults.append("dropdown without options")
    return faults


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_faults_of_a_form_are_found():
    body = [
        {"type": "text", "attributes": {"label": "A"}},
        {"type": "input", "id": "a"},
        {"type": "dropdown", "id": "a", "attributes": {"label": "A"}},
    ]
    assert faults_of_a_form({"name": "Bug", "body": body}) == [
        "description",
        "a",
        "text",
        "input without text",
        "dropdown without options",
    ]


def test_there_is_a_form_for_bugs_and_one_for_features():
    assert [path.name for path in FORMS] == ["bug.yml", "feature.yml"]
    assert read(GITHUB / "ISSUE_TEMPLATE" / "config.yml") == {"blank_issues_enabled": False}


@pytest.mark.parametrize("path", FORMS, ids=name_of)
def test_a_form_is_well_formed(path):
    assert faults_of_a_form(read(path)) == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_a_workflow_calls_what_exists_with_no_more_rights_than_reading(path):
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    scripts = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    called = re.findall(r"(?:bash|python3?) ((?:\.ci|packaging)/[\w./]+)", "\n".join(scripts))
    assert called
    assert [name for name in called if not (ROOT / name).exists()] == []


def test_every_python_that_the_package_is_for_is_tried_by_a_workflow():
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    tried = read(GITHUB / "workflows" / "platforms.yml")["jobs"]["pythons"]["strategy"]["matrix"]["python"]
    assert named
    assert tried[: len(named)] == named
    assert f"PYTHONS = {tuple(tried)}".replace("'", '"') in (ROOT / "noxfile.py").read_text("utf-8")


def test_a_secret_is_given_to_a_step_by_its_environment_alone():
    """Put into a script by the runner, it could be printed, and be read for words of the shell."""
    for path in WORKFLOWS:
        for job in read(path)["jobs"].values():
            assert [step["run"] for step in job["steps"] if "secrets." in step.get("run", "")] == [], path


def test_hooks_for_commits_download_nothing():
    hooks = read(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    assert {hook["language"] for hook in hooks[0]["hooks"]} == {"system"}
    assert [hook["id"] for hook in hooks[0]["hooks"]] == ["format", "lint", "types", "imports", "words"]
