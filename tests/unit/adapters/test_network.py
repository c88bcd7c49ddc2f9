"""Whether the way into the network is another: looked at without a packet, and only while somebody wants to know."""

from __future__ import annotations

import contextlib
import ipaddress
import queue

import pytest

from traycreds.adapters import network
from traycreds.adapters.network import NetworkWatch

SOON = 10  # real seconds; a test that meets it ends at once


class Road:
    """The ways that a watch sees: the last one as long as no other is laid; counts its looks."""

    def __init__(self):
        self.way = (None, None)
        self.looks = queue.SimpleQueue()

    def __call__(self):
        self.looks.put(self.way)
        return self.way

    def seen(self, way):
        """Wait until the watch has seen a way."""
        while self.looks.get(timeout=SOON) != way:
            pass


@pytest.fixture
def road():
    return Road()


@pytest.fixture
def watch(road):
    changes = queue.SimpleQueue()
    made = NetworkWatch(lambda: changes.put(road.way), look=road, every=0.001)
    made.changes = changes
    made.start()
    yield made
    made.want(False)


def test_each_other_way_is_told(watch, road):
    watch.want(True)
    road.seen((None, None))
    for way in (("10.0.0.7", None), ("10.0.0.7", "2a00::7"), (None, None)):
        road.way = way
        assert watch.changes.get(timeout=SOON) == way
        road.seen(way)
    assert watch.changes.empty()


def test_nobody_looks_while_nobody_wants_to_know(watch, road):
    watch.want(True)
    road.seen((None, None))
    watch.want(False)
    road.way = ("10.0.0.7", None)
    with contextlib.suppress(queue.Empty):  # the look under way may still see it
        while road.looks.get(timeout=0.05):
            pass
    while not watch.changes.empty():
        watch.changes.get()
    road.way = ("10.0.0.8", None)
    with pytest.raises(queue.Empty):
        road.looks.get(timeout=0.05)
    watch.want(True)
    road.seen(("10.0.0.8", None))
    assert watch.changes.empty(), "what it is like when the looking begins is no change"


def test_the_way_is_this_machines_own_address_on_it(monkeypatch):
    assert [ipaddress.ip_address(far).is_global for _, far in network._FAR] == [False, False], "nobody is there"
    near = ((network.socket.AF_INET, "127.0.0.1"), (network.socket.AF_INET6, "::1"))
    monkeypatch.setattr(network, "_FAR", near)
    assert network.ways()[0] == "127.0.0.1"
    assert network.ways()[1] in {"::1", None}, "not every machine has IPv6"


def test_without_a_way_there_is_none(monkeypatch):
    def unreachable(_socket, _address):
        raise OSError(101, "Network is unreachable")

    class Cut(network.socket.socket):
        connect = unreachable

    monkeypatch.setattr(network.socket, "socket", Cut)
    assert network.ways() == (None, None)
