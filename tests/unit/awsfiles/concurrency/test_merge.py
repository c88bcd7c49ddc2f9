"""What another program wrote into an old copy of the file, brought together with what the file holds now."""

from __future__ import annotations

import pytest

from traycreds.awsfiles import ini_edit
from traycreds.awsfiles.concurrency.merge import COMMENTS, merged
from traycreds.awsfiles.ini import IniText
from traycreds.awsfiles.ownership import OUR_KEYS


def ours(n, name="dev"):
    values = (f"ASIA{n}", f"s{n}", f"t{n}", f"2026-01-01T00:00:0{n}Z", name, f"ASIA{n}", f"of{n}", f"{n:012d}")
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in zip(OUR_KEYS, values, strict=True))


MINE = "# by hand\n[mine]\nregion = eu-1  \n\n; a remark\n[other]\nk = v\n"
BASE = f"{MINE}\n{ours(1)}"
CURRENT = f"{MINE}\n{ours(2)}"


def result(late, *, base=BASE, current=CURRENT):
    merge = merged(IniText(base), IniText(current), IniText(late))
    return merge.text.text, merge.conflicts


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (BASE, CURRENT),
        (CURRENT, CURRENT),
        (BASE.replace("eu-1  ", "eu-2"), CURRENT.replace("eu-1  ", "eu-2")),
        (BASE.replace("; a remark", ";another remark"), CURRENT.replace("; a remark", ";another remark")),
        (MINE, CURRENT),
        (f"{BASE}\n[new]\nk = v", f"{CURRENT}\n[new]\nk = v"),
        (BASE.replace("[other]\nk = v\n", ""), CURRENT.replace("[other]\nk = v\n", "")),
        (BASE + "region = eu-3\n", CURRENT + "region = eu-3\n"),
    ],
    ids=["nothing", "the same", "a value", "a comment", "ours taken out", "a section", "a removal", "a key in ours"],
)
def test_a_late_text_counts_byte_for_byte_but_for_our_sections(late, expected):
    assert result(late) == (expected, ())


def test_a_file_that_stood_empty_when_we_wrote_gets_all_back():
    assert result(MINE, base="", current=ours(2)) == (f"{MINE}\n{ours(2)}", ())
    assert result(BASE, base="", current=ours(2)) == (CURRENT, ())
    assert result(BASE, base=MINE[:30], current=f"{MINE[:30]}\n\n{ours(2)}") == (CURRENT, ())


def test_a_section_of_ours_that_we_removed_stays_away():
    assert result(BASE.replace("eu-1  ", "eu-2"), current=MINE) == (MINE.replace("eu-1  ", "eu-2"), ())


def test_long_term_keys_that_someone_typed_into_a_section_of_ours_stand():
    typed = BASE.replace("ASIA1", "AKIA1", 1)
    assert result(typed) == (typed, ())


def test_changes_of_several_sections_by_several_programs_all_count():
    late = BASE.replace("eu-1  ", "eu-2")
    current = CURRENT.replace("k = v", "k = w") + "\n[new]\nk = v\n"
    text, conflicts = result(late, current=current)
    assert text == current.replace("eu-1  ", "eu-2")
    assert conflicts == ()
    late = BASE + "region = eu-3\n\n[newer]\nk = v"
    text, conflicts = result(late, current=current)
    assert text == current.replace(ours(2), ours(2) + "region = eu-3\n") + "\n[newer]\nk = v\n"
    assert conflicts == ()
    late = BASE.replace("\n; a remark\n[other]\nk = v\n", "\n; a remark\n")
    assert result(late, current=CURRENT.replace("eu-1  ", "eu-2")) == (
        CURRENT.replace("eu-1  ", "eu-2").replace("[other]\nk = v\n", ""),
        (),
    )


@pytest.mark.parametrize(
    ("late", "current", "conflicts"),
    [
        (BASE.replace("eu-1", "eu-2"), CURRENT.replace("eu-1", "eu-3"), ("mine",)),
        (BASE.replace("k = v", "k = w"), CURRENT.replace("[other]\nk = v\n", ""), ("other",)),
        (BASE.replace("# by", "# not by"), CURRENT.replace("k = v", "k = w"), (COMMENTS,)),
        (BASE.replace("ASIA1", "AKIA1", 1), CURRENT.replace("k = v", "k = w"), ("dev",)),
        (BASE + "region = a\n", CURRENT.replace("k = v", "k = w") + "region = b\n", ("dev",)),
    ],
)
def test_what_both_changed_is_a_conflict_and_stays_as_it_is_on_file(late, current, conflicts):
    assert result(late, current=current) == (current, conflicts)


def test_what_both_did_alike_is_no_conflict():
    both = BASE.replace("eu-1", "eu-2"), CURRENT.replace("eu-1", "eu-2").replace("k = v", "k = w")
    assert result(both[0], current=both[1]) == (both[1], ())


def test_line_ends_and_a_missing_last_one_are_kept():
    base, current = BASE.replace("\n", "\r\n"), CURRENT.replace("\n", "\r\n")
    late = base.replace("eu-1  ", "eu-2").removesuffix("\r\n")
    assert result(late, base=base, current=current)[0].rstrip() == current.replace("eu-1  ", "eu-2").rstrip()
    changed = current.replace("k = v", "k = w")
    assert result(f"{base}\r\n[new]\r\nk = v", base=base, current=changed)[0] == f"{changed}\r\n[new]\r\nk = v\r\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False], ids=["with a last line end", "without"])
def test_the_last_line_end_of_the_file_stays_when_the_last_profile_changes(end, last):
    base = f"[z]{end}k = v{end}[a]{end}k = v{end if last else ''}"
    current, late = base.replace("v", "u", 1), f"[z]{end}k = v{end}[a]{end}k = w"
    expected = f"[z]{end}k = u{end}[a]{end}k = w{end if last else ''}"
    for made in (late, late + end):
        assert result(made, base=base, current=current) == (expected, ())


def test_a_block_that_is_put_or_added_keeps_its_lines():
    text = IniText("[a]\nk = v\n[b]\nk = v")
    assert ini_edit.put_blocks(text, {"b": "[b]\n k=w"}).text == "[a]\nk = v\n[b]\n k=w"
    assert ini_edit.put_blocks(text, {"a": "[a]\n k=w"}).text == "[a]\n k=w\n[b]\nk = v"
    assert ini_edit.put_blocks(text, {"c": "[c]\nk=v"}).text == "[a]\nk = v\n[b]\nk = v\n\n[c]\nk=v\n"
    assert ini_edit.put_blocks(IniText(""), {"c": "[c]\nk=v\n"}).text == "[c]\nk=v\n"
