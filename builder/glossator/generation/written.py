"""An answer in the making: a place of the automaton and the tokens that are left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from glossator.citations.parse import CLOSE, OPEN
from glossator.errors import InputError
from glossator.generation.automaton import Language
from glossator.generation.grounds import Grounds
from glossator.generation.places import Place, Told, Words
from glossator.generation.spelling import fits
from glossator.generation.vocabulary import Vocabulary


@dataclass(slots=True, kw_only=True)
class Written:
    """A `grounding.State` of an answer with free spans."""

    language: Language
    place: Place
    left: int
    """Tokens that may still come."""
    due: Sequence[int] = ()
    """Tokens that must come before the place is reached."""
    told: Told
    """The whole rounds so far."""
    _gains: Mapping[int, float] | None = field(init=False, default=None)

    def gains(self) -> Mapping[int, float]:
        """Each possible next token and what is added to its logit; empty where the answer has ended."""
        if self._gains is None:
            self._hurry()
            weight = self.language.grounds.prior
            able = {self.due[0]: 0.0} if self.due else self._affordable()
            self._gains = {token: weight * gain for token, gain in able.items()}
        return self._gains

    def after(self, token: int, /) -> Written:
        """The state behind a possible token; an ended one behind any other."""
        if token not in self.gains():
            return self._at(Place(mass=0.0, told=self.told), self.told)
        if self.due:
            rest = self.due[1:]
            return self._at(self.place, self.told if rest else self.place.told, rest)
        place = self.language.after(self.place, token)
        return self._at(place, place.told)

    def _at(self, place: Place, told: Told, due: Sequence[int] = ()) -> Written:
        return Written(language=self.language, place=place, left=self.left - 1, told=told, due=due)

    def _hurry(self) -> None:
        """Where there is one way on, take the tokenizer's own tokens, if the budget allows."""
        if not self.due:
            tokens, target = self.language.usual(self.place)
            if tokens and fits(target, self.left - len(tokens), self.language.vocabulary):
                self.due, self.place = tokens, target

    def _affordable(self) -> Mapping[int, float]:
        """The tokens after which the answer can still be ended."""
        language, place = self.language, self.place
        gains = language.choices(place).gains
        if len(gains) < 2:
            return gains
        places, end = language.choices(place).places, language.vocabulary.end
        dear = {token for token, behind in places.items() if token != end and not self._ends(behind)}
        if isinstance(place, Words):
            own = language.own(place).keys()
            dear = dear - own if self._ends(language.shut(place, b"")) else dear | (own - places.keys())
        return {token: gain for token, gain in gains.items() if token not in dear} if dear else gains

    def _ends(self, place: Place) -> bool:
        return fits(place, self.left - 1, self.language.vocabulary)


def read(start: Written, tokens: Sequence[int]) -> Told:
    """What the tokens of an answer say, its quotes with their places in the documents.

    An answer without its end mark is read up to its last whole round; without one, it is the abstention.
    """
    state = start
    for token in tokens:
        if not state.gains():
            break
        state = state.after(token)
    return state.told if state.told.text else Told(start.language.grounds.abstention.encode())


def spelling(start: Written, text: str) -> list[int] | None:
    """The tokens by which an answer is decoded that says this, its end mark included; None where none can.

    Where tokens are not the tokenizer's own, the longest that may come is the one that does, see `spelling`.
    """
    end, spelt = start.language.vocabulary.end, start.language.vocabulary.spelt
    state, rest, tokens = start, text.encode(), [-1]
    while tokens[-1] != end:
        able = {token: spelt.get(token, b"") for token in state.gains()}  # the end mark is spelt by nothing
        fitting = [token for token, data in able.items() if rest.startswith(data) and bool(data) == bool(rest)]
        if not fitting:
            return None
        token = max(fitting, key=lambda token: len(able[token]))
        rest, state = rest[len(able[token]) :], state.after(token)
        tokens.append(token)
    return tokens[1:]


def rounds(start: Written, tokens: Iterable[int]) -> Iterator[str]:
    """The text that `read` gives, piece by piece: a round is there when its quote is closed."""
    state, shown = start, 0
    for token in tokens:
        state = state.after(token)
        if len(state.told.text) > shown:
            yield state.told.text[shown:].decode()
            shown = len(state.told.text)
    if not shown:
        yield start.language.grounds.abstention


def start(grounds: Grounds, vocabulary: Vocabulary, budget: int) -> Written:
    """An answer of at most `budget` tokens, its end mark included. Raises InputError when these are too few."""
    for words in (grounds.abstention, f"[0123456789]: {OPEN}{CLOSE}"):
        if not vocabulary.spells(words):
            raise InputError(
                f"the tokenizer cannot spell {words!r}: choose another backbone, or answer.grounding: cited"
            )
    need = vocabulary.count(grounds.abstention.encode()) + 1
    if need > budget:
        raise InputError(f"answer.max_new_tokens: {budget} tokens are too few, to abstain takes {need}: raise it")
    language = Language(grounds, vocabulary)
    return Written(language=language, place=language.opening, left=budget, told=Told())
