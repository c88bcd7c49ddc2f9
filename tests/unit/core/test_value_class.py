"""Value classes behave as frozen dataclasses with slots do, and `dataclasses` itself says what that is."""

from __future__ import annotations

import copy
import pickle
import typing
from dataclasses import dataclass

import pytest

from traycreds.core.value_class import as_dict, field, replace, value_class

T = typing.TypeVar("T")


@value_class
class Point:
    """A place."""

    x: int
    y: int = 0

    @property
    def far(self) -> bool:
        """Whether it is."""
        return self.x + self.y > 100


@value_class
class Place:
    x: int
    y: int = 0


@value_class(kw_only=True)
class Key:
    name: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    tags: dict[str, str] = field(default_factory=dict)


@value_class(eq=False)
class Ticket(typing.Generic[T]):
    number: T


@value_class
class Nothing:
    """Has no field."""


@dataclass(frozen=True, slots=True)
class DataclassPoint:
    x: int
    y: int = 0


def test_a_value_is_made_by_place_and_by_name():
    assert Point(1) == Point(x=1) == Point(1, 0) == Point(1, y=0)
    assert (Point(1, 2).x, Point(1, 2).y) == (1, 2)
    assert Point(200).far
    assert Point.__doc__ == "A place."
    assert (Point.__name__, Point.__qualname__, Point.__module__) == ("Point", "Point", __name__)


@pytest.mark.parametrize(
    ("args", "given"), [((), {}), ((), {"y": 1}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1}), ((), {"z": 1})]
)
@pytest.mark.parametrize("kind", [Point, DataclassPoint])
def test_fields_that_are_missing_unknown_or_given_twice_are_refused(kind, args, given):
    with pytest.raises(TypeError):
        kind(*args, **given)


def test_a_keyword_only_field_is_not_given_by_place():
    with pytest.raises(TypeError):
        Key("a", "b")
    assert Key.__match_args__ == ()


def test_the_default_of_a_factory_is_made_for_each_value():
    one, other = Key(name="a", secret="s"), Key(name="a", secret="s")
    assert one.tags == other.tags == {}
    assert one.tags is not other.tags
    given = {"k": "v"}
    assert Key(name="a", secret="s", tags=given).tags is given


def test_values_are_equal_within_their_class_alone():
    assert Point(1, 2) == Point(1, 2)
    assert Point(1, 2) != Point(2, 1)
    assert Point(1, 2) != Place(1, 2)
    assert Point(1, 2) != (1, 2)
    assert hash(Point(1, 2)) == hash(Point(1, 2))
    assert len({Point(1), Point(1), Place(1)}) == 2
    assert Nothing() == Nothing()
    with pytest.raises(TypeError):
        hash(Key(name="a", secret="s"))


def test_a_class_without_equality_compares_by_identity():
    ticket = Ticket(1)
    assert ticket == ticket  # noqa: PLR0124 - that is the point
    assert ticket != Ticket(1)
    assert {ticket: 1}[ticket] == 1


@pytest.mark.parametrize("name", ["x", "z"])
def test_a_value_cannot_be_changed(name):
    point = Point(1)
    with pytest.raises(AttributeError):
        setattr(point, name, 2)
    with pytest.raises(AttributeError):
        delattr(point, name)
    assert point == Point(1)
    assert not hasattr(point, "__dict__")


def test_a_value_is_no_sequence():
    with pytest.raises(TypeError):
        iter(Point(1))


def test_the_repr_leaves_out_what_it_is_to_leave_out():
    assert repr(Point(1)) == repr(DataclassPoint(1)).removeprefix("Dataclass") == "Point(x=1, y=0)"
    assert repr(Key(name="a", secret="SECRET", token="TOKEN")) == "Key(name='a', tags={})"
    assert repr(Nothing()) == "Nothing()"


def test_replace_changes_fields_and_no_others():
    key = Key(name="a", secret="s", tags={"k": "v"})
    changed = replace(key, name="b")
    assert (changed.name, changed.secret, changed.tags) == ("b", "s", {"k": "v"})
    assert key.name == "a"
    with pytest.raises(TypeError):
        replace(key, colour="red")


@pytest.mark.parametrize("value", [Point(1, 2), Key(name="a", secret="s", tags={"k": "v"}), Nothing()], ids=repr)
def test_a_value_is_copied_and_pickled(value):
    assert copy.copy(value) == copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == value


def test_a_value_is_matched_by_place():
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)
        case _:
            pytest.fail("it did not match")


def test_fields_by_name_are_in_their_order():
    assert list(as_dict(Key(name="a", secret="s")).items()) == [
        ("name", "a"),
        ("secret", "s"),
        ("token", None),
        ("tags", {}),
    ]
    assert as_dict(Ticket(1)) == {"number": 1}
    assert as_dict(Nothing()) == {}
