"""tests/unit mirrors traycreds, so that who knows a module knows its tests: test_<module>.py or test_<module>_<aspect>.py."""

from __future__ import annotations

from tests.architecture.sources import PRODUCT, TEST_FILES, TESTS

UNIT = TESTS / "unit"
UNIT_TESTS = [path for path in TEST_FILES if path.is_relative_to(UNIT) and path.name.startswith("test_")]


def mirrored(test, *, tests=UNIT, product=PRODUCT):
    """The module that a test file is about, None if there is none."""
    folder = product / test.relative_to(tests).parent
    words = test.stem.removeprefix("test_").split("_")
    names = ("_".join(words[:count]) for count in range(len(words), 0, -1))
    return next((folder / f"{name}.py" for name in names if (folder / f"{name}.py").is_file()), None)


def test_a_unit_test_is_about_the_module_of_its_place():
    assert [str(test) for test in UNIT_TESTS if mirrored(test) is None] == [], f"they have no module in {PRODUCT}"


def test_a_test_without_a_module_would_be_found(tmp_path):
    (tmp_path / "product" / "core").mkdir(parents=True)
    (tmp_path / "product" / "core" / "model.py").touch()
    places = {"tests": tmp_path / "tests", "product": tmp_path / "product"}

    def about(name):
        return mirrored(tmp_path / "tests" / name, **places)

    assert about("core/test_model.py") == about("core/test_model_of_roles.py") == tmp_path / "product/core/model.py"
    assert about("core/test_models.py") is about("test_model.py") is about("engine/test_model.py") is None


def test_there_are_tests_to_check():
    assert len(UNIT_TESTS) > 50
