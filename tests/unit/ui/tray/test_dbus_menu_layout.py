from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.gnome_menu import GnomeMenu
from traycreds.ui.tray.dbus_menu_layout import ROOT, Change, Layout, MenuLine


def line(key, *children, **properties) -> MenuLine:
    return MenuLine(key, {"label": key, **properties}, tuple(children), target=key)


def ids(layout) -> dict[str, int]:
    return {node.target: node.id for node in layout.nodes() if node.id != ROOT}


def test_the_same_menu_again_is_no_change():
    layout = Layout()
    layout.update([line("a"), line("b", line("c"))])
    assert not layout.update([line("a"), line("b", line("c"))])
    assert layout.revision == 2


def test_new_labels_are_sent_as_properties_and_the_revision_stays():
    layout = Layout()
    layout.update([line("a"), line("b")])
    id_ = ids(layout)["a"]
    assert layout.update([line("a", label="x", enabled=False), line("b")]) == Change(
        updated=((id_, {"label": "x", "enabled": False}),)
    )
    assert layout.update([line("a", label="x"), line("b")]) == Change(removed=((id_, ("enabled",)),))
    assert layout.revision == 2


def test_lines_that_come_go_or_move_raise_the_revision_of_their_parent():
    layout = Layout()
    assert layout.update([line("a"), line("b", line("c"))]) == Change(parent=ROOT)
    b = ids(layout)["b"]
    assert layout.update([line("a"), line("b", line("c"), line("d"))]) == Change(parent=b)
    assert layout.update([line("a"), line("b", line("d"), line("c"))]) == Change(parent=b)
    assert layout.update([line("b", line("d")), line("a")]) == Change(parent=ROOT), "two parents: all is asked again"
    assert layout.revision == 5


def test_a_submenu_that_appears_is_marked_as_one():
    layout = Layout()
    layout.update([line("a")])
    a = ids(layout)["a"]
    change = layout.update([line("a", line("c"))])
    assert change == Change(parent=a, updated=((a, {"children-display": "submenu"}),))
    assert layout.node(a).properties == {"label": "a", "children-display": "submenu"}


def test_an_id_comes_back_for_the_same_thing_only():
    layout = Layout()
    layout.update([line("a"), line("b")])
    before = ids(layout)
    layout.update([line("c")])
    assert layout.node(before["a"]) is None
    layout.update([line("b"), line("d"), line("a")])
    after = ids(layout)
    assert (after["a"], after["b"]) == (before["a"], before["b"])
    assert after["d"] not in before.values()


KEYS = st.sampled_from("abcdef")
LINES = st.recursive(
    st.builds(lambda key, n: MenuLine(key, {"label": f"{key}{n}"}, (), None), KEYS, st.integers(0, 3)),
    lambda below: st.builds(
        lambda key, n, lines: MenuLine(key, {"label": f"{key}{n}", "toggle-state": n}, tuple(lines), None),
        KEYS,
        st.integers(0, 3),
        st.lists(below, max_size=4, unique_by=lambda each: each.key),
    ),
    max_leaves=12,
)
MENUS = st.lists(LINES, max_size=5, unique_by=lambda each: each.key)


class Host:
    """A tray host that believes the menu: it asks for lines again only where the layout changed."""

    def __init__(self) -> None:
        self.properties: dict[int, dict] = {}
        self.children: dict[int, list[int]] = {}

    def read(self, node) -> None:
        self.properties[node.id] = dict(node.properties)
        self.children[node.id] = [child.id for child in node.children]
        for child in node.children:
            self.read(child)

    def hear(self, change, layout) -> None:
        for id_, new in change.updated:
            self.properties[id_].update(new)
        for id_, names in change.removed:
            for name in names:
                del self.properties[id_][name]
        if change.parent is not None:
            self.read(layout.node(change.parent))

    def shown_by_menu(self, id_=ROOT):
        return self.properties[id_], [(child, self.shown_by_menu(child)) for child in self.children[id_]]


# A busy machine is not the fault of the layout.
@settings(deadline=None)
@given(st.lists(MENUS, min_size=1, max_size=6))
def test_a_host_that_follows_the_changes_shows_the_current_menu(menus):
    layout, host, owner = Layout(), Host(), {}
    host.read(layout.root)
    for lines in menus:
        host.hear(layout.update(lines), layout)
        fresh = Host()
        fresh.read(layout.root)
        assert host.shown_by_menu() == fresh.shown_by_menu()
        for path, id_ in paths(layout.root, lines):
            assert owner.setdefault(id_, path) == path, "an id belongs to one thing forever"


@settings(deadline=None)
@example([([line("a"), line("b"), line("c")], True), ([line("a"), line("c"), line("d")], True)])
@example([([line("a"), line("b")], True), ([line("b"), line("a")], True)])
@given(st.lists(st.tuples(MENUS, st.booleans()), min_size=1, max_size=6))
def test_gnome_shows_the_lines_in_their_order(menus):
    """Also where it asks late, so that it misses some of the changes."""
    layout, gnome = Layout(), GnomeMenu()
    for number, (lines, reads) in enumerate(menus, 1):
        layout.update(lines)
        if reads or number == len(menus):
            layout.host_reads(layout.root, -1)
            gnome.read(tree(layout.root))
            assert gnome.tree() == tree(layout.root)


def test_a_line_keeps_its_id_where_gnome_shows_it_right():
    layout = Layout()
    layout.update([line("a"), line("c"), line("d")])
    layout.host_reads(layout.root, -1)
    before = ids(layout)
    layout.update([line("a"), line("b"), line("c")])
    after = ids(layout)
    assert (after["a"], after["c"]) == (before["a"], before["c"]), "one comes, then one goes"
    layout.host_reads(layout.root, -1)
    layout.update([line("a"), line("c"), line("e")])
    assert ids(layout)["a"] == before["a"]
    assert ids(layout)["c"] not in {*before.values(), *after.values()}, "one goes, then one comes"


def tree(node):
    return node.id, [tree(child) for child in node.children]


def paths(node, lines, above=()):
    for child, each in zip(node.children, lines, strict=True):
        yield (*above, each.key), child.id
        yield from paths(child, each.children, (*above, each.key))
