"""The same machine in a hostile world: anything in any field of an answer, any date on file, at any rate; it lives, and
makes no storm."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.property.test_machine import SETTINGS, THOROUGH, TURN, Machine, names
from tests.support.builders import NOW, SECRET, TOKEN, a_role, credentials
from traycreds.aws import errors, sts
from traycreds.aws.usable_credentials import UnusableAnswerError, session_of
from traycreds.awsfiles import ini_edit, ownership
from traycreds.awsfiles.ini import IniText
from traycreds.core.errors import FailureKind
from traycreds.core.events import ClockSeen, FileMissing, Issued, IssueFailed, Resumed, Written
from traycreds.core.model import DEFAULT_PROFILE, Batch, FileNote, OwnedProfile, ProfileWrite, Refusal, WriteReport
from traycreds.core.snapshot import Status
from traycreds.lifecycle import presentation
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.plan import plan

zones = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))
edges = st.sampled_from([datetime(1, 1, 1), datetime(9999, 12, 31), datetime(1970, 1, 1), datetime(2200, 1, 1)])  # noqa: DTZ001
dates = (
    st.datetimes(timezones=zones)
    | st.builds(lambda date, zone: date.replace(tzinfo=zone), edges, zones)
    | st.integers(-7200, 7200).map(lambda seconds: NOW + timedelta(seconds=seconds))
)
texts = st.text(max_size=20)
waits_for_its_turn = st.none() | st.integers(1, TURN.seconds).map(lambda seconds: timedelta(seconds=seconds))


class Huge(str):
    """A text that is not printed whole when a run fails."""

    __slots__ = ()

    def __repr__(self):
        return f"{len(self)} characters"


values = (
    st.sampled_from(
        ["", "two\nlines", "a\r", "\0", "]", "# ; = [x]", "ключ", "AKIAEXAMPLE000000001", Huge("x" * 2**20)]
    )
    | st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
    | texts
)
oddities = values | dates | st.none() | st.integers() | st.just([]) | st.just({})
good = {"AccessKeyId": "ASIAEXAMPLE000000001", "SecretAccessKey": SECRET, "SessionToken": TOKEN, "Expiration": NOW}
answers = (
    st.fixed_dictionaries(
        {
            "Credentials": st.builds(
                lambda odd, end, missing: {**good, "Expiration": end, **odd} if missing is None else missing,
                st.dictionaries(st.sampled_from(sorted(good)), oddities, max_size=2)
                | st.dictionaries(st.sampled_from(sorted(good)[:1] + sorted(good)[2:]), values, max_size=3),
                dates,
                st.none() | st.none() | st.none() | oddities,
            )
        },
        optional={
            "AssumedRoleUser": oddities | st.dictionaries(st.sampled_from(["Arn", "AssumedRoleId"]), oddities),
            "PackedPolicySize": oddities,
            "SourceIdentity": oddities,
        },
    )
    | oddities
)
"""What botocore may make of whatever stands for STS."""


class HostileMachine(Machine):
    """A world that answers with anything, and a file that says anything."""

    @precondition(lambda self: self.calls)
    @rule(pick=st.integers(0, 9), response=answers)
    def answer_anything(self, pick, response):
        self.take(self.calls.pop(pick % len(self.calls)), response)

    def take(self, role, response):
        """As the source of sessions takes it, or refuses it; what it takes can be put on file."""
        try:
            taken = sts._credentials(session_of(lambda: response), role.arn, None, None)
        except UnusableAnswerError as error:
            known = errors.explain(error, errors.Attempt(role=role.name, who="", what="", region="", login=""))
            self.apply_event(IssueFailed(role, known.kind, known.sentence, known.hint, self.now))
            return
        self.put_on_file(ProfileWrite(profile=role.profile, role=role.name, credentials=taken))
        self.apply_event(Issued(role, taken, self.now))

    def put_on_file(self, write):
        before = IniText("[mine]\nk = v\n")
        edit = ownership.edit(before, Batch(sets=(write,)), self.now)
        own = IniText(ini_edit.change(before, sets=edit.sets).text).own()
        assert own["mine"] == {"k": "v"}
        if write.profile in edit.sets:
            assert own[write.profile]["aws_session_token"] == write.credentials.session_token

    @precondition(lambda self: self.calls)
    @rule(pick=st.integers(0, 9), end=dates)
    def issue_unchecked(self, pick, end):
        """Past the source of sessions, as another one might."""
        role = self.calls.pop(pick % len(self.calls))
        self.apply_event(Issued(role, credentials(end, n=pick), self.now))

    @precondition(lambda self: self.calls)
    @rule(pick=st.integers(0, 9), kind=st.sampled_from(FailureKind), sentence=texts, again=waits_for_its_turn)
    def refuse_anyhow(self, pick, kind, sentence, again):
        role = self.calls.pop(pick % len(self.calls))
        self.apply_event(IssueFailed(role, kind, sentence, sentence, self.now, again_in=again))

    @precondition(lambda self: self.write)
    @rule(end=st.none() | dates, refuse=st.booleans())
    def write_anything(self, end, refuse):
        batch, self.write = self.write, None
        refused = [Refusal(profile=one.profile, sentence="No.", hint="") for one in batch.sets if refuse]
        for one in batch.sets:
            self.on_file[one.profile] = OwnedProfile(profile=one.profile, role=one.role, expires_at=end)
        for profile in batch.removes:
            self.on_file.pop(profile, None)
        self.apply_event(Written(batch, WriteReport(view=self.view(), refused=tuple(refused)), self.now))

    @rule(name=names, role=names, end=st.none() | dates, default=st.booleans())
    def file_says_anything(self, name, role, end, default):
        profile = DEFAULT_PROFILE if default else a_role(name).profile
        self.on_file[profile] = OwnedProfile(profile=profile, role=role, expires_at=end)
        self.apply_event(self.seen())

    @rule()
    def file_goes_missing(self):
        before = plan(self.now, self.state)
        self.apply_event(FileMissing(FileNote(sentence="It is missing.", hint="Wait.")))
        assert plan(self.now, self.state).actions == before.actions == ()
        shown = presentation.snapshot(self.now, self.state)
        assert not [view for view in shown.roles if view.expires_at is not None or view.status is Status.FRESH]
        assert shown.default is None

    @rule(seconds=st.integers(-40 * 365 * 86400, 40 * 365 * 86400) | st.integers(-100, 100), moves=st.booleans())
    def answers_arrive_any_time(self, seconds, moves):
        self.set_clock(timedelta(seconds=seconds), moves)

    def set_clock(self, skew, moves):
        """An answer says what time it is; the clock by which all is done follows that, or followed it already."""
        if moves:
            self.now += skew - self.state.skew
            self.state = apply(self.state, ClockSeen(skew, self.now))
            self.apply_event(Resumed(self.now))
        else:
            self.apply_event(ClockSeen(skew, self.now))

    @rule(
        kind=st.sampled_from(FailureKind),
        minutes=st.integers(1, 600),
        times=st.integers(5, 30),
        back=st.booleans(),
        again=waits_for_its_turn,
    )
    def dated_storm(self, kind, minutes, times, back, again):
        """Each call is refused at once, with a Date that is later each time, or now later and now earlier."""
        for turn in range(times):
            while self.calls:
                self.apply_event(IssueFailed(self.calls.pop(), kind, "No.", "", self.now, again_in=again))
            side = -1 if back and turn % 2 else 1
            self.set_clock(self.state.skew + side * timedelta(minutes=minutes), moves=True)
            self.pass_time(timedelta(seconds=1))

    @rule(tenths=st.integers(1, 20), times=st.integers(5, 60), end=st.none() | dates, response=st.none() | answers)
    def storm(self, tenths, times, end, response):
        """For a while the file is written all the time, and each call is answered at once."""
        for _ in range(times):
            while self.calls and response is not None:
                self.take(self.calls.pop(), response)
            while self.calls:
                self.apply_event(Issued(self.calls.pop(), credentials(end or self.now + timedelta(hours=1)), self.now))
            if self.write:
                self.write_anything(end, False)
            self.on_file.clear()
            self.pass_time(timedelta(seconds=tenths / 10))
            self.apply_event(self.seen())


class LongHostileMachine(HostileMachine):
    """The same, for longer."""


TestHostileMachine = HostileMachine.TestCase
TestHostileMachine.settings = SETTINGS
TestHostileMachine.pytestmark = [pytest.mark.timeout(240)]
TestLongHostileMachine = LongHostileMachine.TestCase
TestLongHostileMachine.settings = THOROUGH
TestLongHostileMachine.pytestmark = [pytest.mark.timeout(240), pytest.mark.thorough]
