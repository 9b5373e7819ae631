"""Links, pictures and HTML in the words of a model, and brackets that look like a marker and are none.

A model may name an address only when it is that of a shown source: any other one it has made up, or an attacker has
put there to carry data out. Code and quotes are text, in which nothing is a link.
"""

from __future__ import annotations

import re
from collections.abc import Set

from glossator.citations.parse import find_markers, mask

_LINK = re.compile(
    r"(?P<address>https?://[^\s<>\"”)\]]*)"
    r"|[a-z][a-z0-9+.-]{1,20}://|(?<![\w/:])//[^\s/]|\bwww\.|\b(?:mailto|javascript|data|vbscript|file|tel):\S"
    r"|\b[\w.+-]{1,64}@[\w-]{1,64}\.[a-z]|\]\s{0,3}\((?!https?://)|!\[|\]\[[^\]\d]|<[a-z/!?]|&#?\w{1,8};|\x1b",
    re.IGNORECASE,
)
_ODD = re.compile(r"(?<![\w\])])\[(?P<before>[^\[\]\n\w]{0,6})\d[^\[\]\n]{0,8}\]")


def foreign_link(text: str, addresses: Set[str]) -> bool:
    """Whether the text holds a link that is none of these addresses, a picture, HTML or a control sequence.

    >>> foreign_link("See https://a.org/x.", {"https://a.org/x"}), foreign_link("See https://b.org", set())
    (False, True)
    >>> foreign_link("Say `https://b.org`.", set()), foreign_link("<img src=x>", set()), foreign_link("p < 5", set())
    (False, True, False)
    """
    for found in _LINK.finditer(mask(text)):
        address = found["address"]
        if not address or _bare(address) not in {_bare(known) for known in addresses}:
            return True
    return False


def odd_marker(text: str) -> bool:
    """Whether a bracket looks like a marker and is none: other digits, a sign, an unseen character.

    >>> [odd_marker(f"Iron falls {mark}.") for mark in ("[1]", "[-1]", "[\\u200b1]", "[sic]", "[2019]")]
    [False, True, True, False, False]
    """
    read = {marker.start for marker in find_markers(text)}
    return any(
        found.start() not in read and (bool(found["before"]) or not found[0].isascii())
        for found in _ODD.finditer(mask(text))
    )


def _bare(address: str) -> str:
    return address.rstrip("/.,;:!?'").casefold()
