"""Text as a reader sees it: typography and hidden characters must not decide whether two texts say the same."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_ONE_SIGN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "⁄": "/",
    }
)
_LATIN = str.maketrans("авеѕіјкмнорсутхһԁɡαεικνορτυχ", "abesijkmhopcytxhdgaeikvoptux")
"""Cyrillic and Greek letters that look Latin."""
_DIGIT = str.maketrans("013457@$", "oieastas")
_DISGUISED = re.compile(r"(?<![\w@$])[a-z][a-z013457@$]{2,}[a-z](?![\w@$])")
_LONE_I = re.compile(r"\b(should|shall|can|could|may|must|do|am|have|would|ought|will)( not)? [1l|!] ")
_SPACED = re.compile(r"(?<![^\W_])[a-z](?:([-. _*/~])[a-z](?:\1[a-z])+)(?![^\W_])")
_DOTTED = re.compile(r"(?<=[a-z])[._*/|~+](?=[a-z])")
_SPACES = re.compile(r"\s+")


def visible(text: str) -> str:
    """The text without characters that show nothing.

    >>> visible("5\\u200b0 mg")
    '50 mg'
    """
    return _INVISIBLE.sub("", text)


def fold(text: str) -> str:
    """One form for every typography: compatibility characters, case, quotation marks, dashes and spaces.

    >>> fold("“5\\u2009Μg”  –  ½")
    '"5 μg" - 1/2'
    """
    plain = unicodedata.normalize("NFKC", visible(text)).casefold().translate(_ONE_SIGN)
    return _SPACES.sub(" ", visible(plain)).strip()


def unmask(text: str) -> str:
    """`fold`, and letters behind look-alikes, digits, accents or gaps: for reading what somebody wants to hide.

    >>> unmask("Sh0uld 1 tаke it, s.h.o.u.l.d I?")
    'should i take it, should i?'
    """
    closed = _SPACED.sub(_joined, visible(text).casefold())
    bare = "".join(sign for sign in unicodedata.normalize("NFD", fold(closed)) if not unicodedata.combining(sign))
    latin = _DOTTED.sub(" ", _SPACED.sub(_joined, bare.translate(_LATIN)))
    words = _DISGUISED.sub(lambda found: found[0].translate(_DIGIT), latin)
    return _LONE_I.sub(r"\1\2 i ", words)


def _joined(found: re.Match[str]) -> str:
    return found[0].replace(found[1], "")
