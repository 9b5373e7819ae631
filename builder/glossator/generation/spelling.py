"""From bytes to tokens: which tokens may follow a place, and where each leads.

Where there is only one way on, tokens are those that the tokenizer itself would spell it with, as in training. Where
there is a choice, every way on is spelt by the longest token that begins it. So every answer has one spelling, the
probability of an answer is the product of those of its tokens, and a token without alternative is certain.

The tokens of a place are found from it outward: at most as many look-ups as the longest token has bytes for each way
on, whatever the size of the vocabulary, and they are kept with the place.
"""

from __future__ import annotations

import math

from glossator.generation.places import Choices, Place
from glossator.generation.vocabulary import Vocabulary

LEAST = 1e-300
"""Mass below which none is told from zero."""
_BYTES = [bytes([byte]) for byte in range(256)]


def spelt(place: Place, vocabulary: Vocabulary) -> Choices:
    """The tokens that may follow, each the longest on its way, and the end mark where an answer may end."""
    found: dict[int, Place] = {}

    def walk(prefix: bytes, here: Place) -> Place | None:
        """What of a place no token from here on spells; None: nothing."""
        token = vocabulary.prefixes.get(prefix)
        if token is None:
            return here
        left, whole = {}, True
        for byte, option in here.options().items():
            rest = walk(prefix + _BYTES[byte], option)
            whole = whole and rest is option
            if rest is not None:
                left[byte] = rest
        if not left and not here.final:
            return None
        rest = here if whole else here.narrowed(left)
        if token < 0:
            return rest
        found[token] = rest
        return None

    walk(b"", place)
    gains = {token: share(behind.mass, place.mass) for token, behind in found.items()}
    if place.final:
        found[vocabulary.end] = Place(mass=place.final, told=place.told)
        gains[vocabulary.end] = share(place.final, place.mass)
    return Choices(found, gains)


def share(part: float, whole: float) -> float:
    """The log of the part of a mass."""
    return math.log(max(part, LEAST) / max(whole, LEAST))


def fits(place: Place, left: int, vocabulary: Vocabulary) -> bool:
    """Whether an answer can be ended from here with at most `left` tokens, the end mark among them."""
    return any(len(way) < left for way in place.ways()) or any(vocabulary.count(way) < left for way in place.ways())
