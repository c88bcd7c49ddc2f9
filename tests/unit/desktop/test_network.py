"""Whether the route to the network has changed: looked at without a packet, and only while someone wants to know."""

from __future__ import annotations

import contextlib
import ipaddress
import queue

import pytest

from traycreds.desktop import network
from traycreds.desktop.network import NetworkWatch

# These are real seconds. A test that gets its event earlier ends at once.
SOON = 30


class Routes:
    """The ways that a watch sees: the last one as long as no other is laid; counts its looks."""

    def __init__(self):
        self.way = (None, None)
        self.checks = queue.SimpleQueue()

    def __call__(self):
        self.checks.put(self.way)
        return self.way

    def seen(self, way):
        """Wait until the watch has seen a way."""
        while self.checks.get(timeout=SOON) != way:
            pass


@pytest.fixture
def routes():
    return Routes()


@pytest.fixture
def watch(routes):
    changes = queue.SimpleQueue()
    made = NetworkWatch(lambda: changes.put(routes.way), read=routes, every=0.001)
    made.changes = changes
    made.start()
    yield made
    made.stop()


def test_every_other_way_is_reported(watch, routes):
    watch.want(True)
    routes.seen((None, None))
    for way in (("10.0.0.7", None), ("10.0.0.7", "2a00::7"), (None, None)):
        routes.way = way
        assert watch.changes.get(timeout=SOON) == way
        routes.seen(way)
    assert watch.changes.empty()


def test_nothing_is_checked_while_no_role_waits(watch, routes):
    watch.want(True)
    routes.seen((None, None))
    watch.want(False)
    routes.way = ("10.0.0.7", None)
    # The check in progress may still see the new route.
    with contextlib.suppress(queue.Empty):
        while routes.checks.get(timeout=0.05):
            pass
    while not watch.changes.empty():
        watch.changes.get()
    routes.way = ("10.0.0.8", None)
    with pytest.raises(queue.Empty):
        routes.checks.get(timeout=0.05)
    watch.want(True)
    routes.seen(("10.0.0.8", None))
    assert watch.changes.empty(), "what it is like when the looking begins is no change"


def test_the_way_is_this_machines_own_address_on_it(monkeypatch):
    assert [ipaddress.ip_address(far).is_global for _, far in network.FAR] == [False, False], "nobody is there"
    near = ((network.socket.AF_INET, "127.0.0.1"), (network.socket.AF_INET6, "::1"))
    monkeypatch.setattr(network, "FAR", near)
    assert network.routes()[0] == "127.0.0.1"
    assert network.routes()[1] in {"::1", None}, "not every machine has IPv6"


def test_without_a_way_there_is_none(monkeypatch):
    def unreachable(_socket, _address):
        raise OSError(101, "Network is unreachable")

    class Cut(network.socket.socket):
        connect = unreachable

    monkeypatch.setattr(network.socket, "socket", Cut)
    assert network.routes() == (None, None)
