"""Archaic words, and phrases that read like a translation, are in no text of the project, its tests included."""

from __future__ import annotations

import re
import subprocess

from tests.architecture.sources import ROOT

REFUSED = re.compile(
    r"\b(?:amid|anew|ere|hence|hereby|lest|reckon\w*|shall|thereof|thereby|upon|whence|wherein|whoever|whomever)\b"
    r"|\bis no (?:known|valid|regular|number|more)\b|\bno valid\b"
    r"|\bno more\b(?! than)|\btried again\b|\bwill bite\b|\bof hours\b",
    re.IGNORECASE,
)
TRANSLATED = re.compile(
    r"\b(?:for ever|all the while|by chance|as far as|under way|in the clear|in clear|somebody|heed\w*|foresaw)\b"
    r"|\b(?:told|tells?) of\b|\b(?:of ours|his own|to be had|to speak of|(?:the|that|this) very)\b"
    r"|\b(?:is|are|was|were) to be\b|\bcom(?:e|es|ing) (?:about|to (?:an|its) end)\b|\bbr(?:ing|ings|ought) about\b"
    r"|\bstands? (?:at|before|behind|below|beside|in|on|there|under)\b|\blies? (?:at|in|there|where)\b"
    r"|\b(?:go|goes|going) on\b|\bany more\b(?! than)|\bpart(?:s|ed)? from\b"
    r"|\bread alike\b|\btakes? (?:it|them|this) for\b|\bas (?:it stands|they stand)\b",
    re.IGNORECASE,
)
"""What an engineer would not say, and what the word-for-word way from another language makes of it."""
CROOKED = re.compile(
    r"\b(?:in vain|so that nobody|(?:which|that) nobody|once more|of now|as of old|whilst|way back|it is that)\b"
    r"|\b(?:is|are|was|were|be|been|being) (?:told|mended|taken for)\b|\b(?:is|are) parted\b|\bhas? parted\b"
    r"|\bhear(?:s|d)? of\b|\b(?:speaks?|spoke|spoken) of\b|\bmend(?:s|ed|ing)? (?:the|an?|it|them|what)\b|\bin reach\b|\bgoes? by\b"
    r"|\b(?:of|among|in|after|beside|by) so many\b|\bwith regard to\b|\bwhich is to say\b|\bones? of yours\b"
    r"|\bnothing of yours\b",
    re.IGNORECASE,
)
"""Passive, archaic or roundabout: say who does what."""
ODD = re.compile(
    r"\b(?:whichever|whereby|whereupon|thereupon|herein|therein|albeit|insofar|inasmuch|notwithstanding|forthwith|hitherto)\b"
    r"|\b(?:henceforth|heretofore|amongst|otherwise than|for want of|as it were|would have it|two looks|is in for|for good)\b(?!,)"
    r"|\b(?:that|some|they|these|of them|it|ours|digits) (?:is|are) none\b|\bcom(?:e|es|ing) apart\b|\blet(?:s|ting)? go of\b"
    r"|(?<!there )\b(?:is|are) no (?:errors?|findings?|news|secrets?|code|path|xml|refusal|reason to)\b"
    r"|\bhow (?:it|they|an? [\w ]{1,20}|the [\w ]{1,20}) stands?\b|\bmust make no\b",
    re.IGNORECASE,
)
"""A word-for-word translation of how another language negates and compares: "that is none" is "invalid"."""
OPTION = re.compile(r"--anew|\\-\\-anew|\"anew\"|parsed\.anew")
"""An option of `import sso`, which people have in scripts."""
TEXTS = (
    "traycreds",
    "tests",
    "tools",
    "docs",
    "packaging",
    ".github",
    ".ci",
    "README.md",
    "CHANGELOG.md",
    "noxfile.py",
    "pyproject.toml",
    "mkdocs.yml",
    ".pre-commit-config.yaml",
)
LISTS = {"tests/architecture/test_words.py", "tests/architecture/test_names.py"}
"""Files that name refused words to refuse them."""


def refused_in(text: str) -> list[str]:
    kept = OPTION.sub("", text)
    return [match[0] for pattern in (REFUSED, TRANSLATED, CROOKED, ODD) for match in pattern.finditer(kept)]


def test_what_is_refused():
    assert refused_in("Whoever asks shall know anew") == ["Whoever", "shall", "anew"]
    assert refused_in("x is no known key; it is tried again") == ["is no known", "tried again"]
    assert refused_in("no more than three; marshall; renewed") == []
    found = refused_in("The file of ours stands in ~/.aws; what is to be done goes on")
    assert found == ["of ours", "stands in", "is to be", "goes on"]
    assert refused_in("`{url}` stands for the address; any more than that; a whole list") == []
    found = refused_in("It is told in vain, once more, which nobody hears of")
    assert sorted(found) == ["hears of", "in vain", "is told", "once more", "which nobody"]
    assert refused_in("recent.restores += 1; it has taken for so long; as many as") == []
    found = refused_in("A region that is none comes apart, whichever it is; that is no error")
    assert found == ["that is none", "comes apart", "whichever", "is no error"]
    assert refused_in("There is no error; if value is None; how things stand") == []


def test_no_text_has_a_refused_word():
    names = subprocess.run(["git", "ls-files", *TEXTS], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = {}
    for name in sorted(set(names.split()) - LISTS):
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            # The file is a picture, or someone is removing it.
            continue
        if words := refused_in(text):
            found[name] = words
    assert found == {}, "write it as you would say it"
