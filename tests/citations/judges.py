"""Verifiers for tests: they read letters, so that every verdict can be seen by eye."""

from __future__ import annotations

from collections.abc import Sequence

from glossator import Answer, Claim, Passage, Verdict, read_answer

from ..conftest import ABSTENTION


class Letters:
    """A claim is made of capital letters that stand alone. Wholly supported: all are held; in part: some are.

    `Q` cannot be judged; a small letter in the evidence denies the capital.
    """

    def __init__(self) -> None:
        self.calls: list[list[Claim]] = []

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        self.calls.append(list(claims))
        return [self.one(claim) for claim in claims]

    @staticmethod
    def one(claim: Claim) -> Verdict:
        said = {
            word for word in claim.text.replace(".", " ").replace(",", " ").split() if len(word) == 1 and word.isupper()
        }
        held = set(" ".join(claim.evidence).split())
        if "Q" in said:
            return Verdict(full=None, reason="Q")
        if {letter.lower() for letter in said} & held:
            return Verdict(full=0.0, contradict=1.0)
        return Verdict(full=float(bool(said) and said <= held), partial=float(bool(said & held) and not said <= held))


def shown(*texts: str) -> tuple[Passage, ...]:
    """Passages p1, p2, ... of these texts."""
    return tuple(
        Passage(id=f"p{n}", document_id=f"d{n}", title=f"t{n}", text=text, start=0, end=len(text))
        for n, text in enumerate(texts, 1)
    )


def answer(text: str, *texts: str) -> Answer:
    return read_answer(text, shown(*texts), ABSTENTION)
