"""Scoring citations: ALCE's loop, which asks one pair at a time and keeps nothing, against ours, by the same verifier.

    python tests/bench/cite_eval.py [VERIFIER...]      # names of verifiers, or priced, forward

`priced` costs the same for every pair, so that its ratio is that of the pairs asked; `forward` runs a cross-encoder of
MiniLM's size. MiniLM's vectors are forgotten before every pair of the peer and before every run of ours. The gate: the
same recall and precision for every answer, to the last bit. Answers of a group are to one question and repeat what they
say, as samples of one model do; `alone` has one answer a question. "All our figures" asks more pairs than ALCE does.
"""

from __future__ import annotations

import hashlib
import random
import re
import sys
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial

from measure import in_turns, verdict, word

from glossator import Claim, Host, Passage, Verdict, Verifier
from glossator.citations.alce import AlceItem, alce_compat, remove_citations, sentences
from glossator.citations.read import read_answer
from glossator.citations.tensor import LIKELY, tensors
from glossator.citations.views import VIEWS
from glossator.encoding.batching import batches
from glossator.encoding.embedding import BUDGET, WINDOW, load_embedder

ANSWERS, GROUP, PASSAGES, FACTS, SAID = 32, 8, 5, 4, 4
"""Answers scored in one go, answers of a group, passages of a question, facts of a passage, statements of an answer."""
ROUNDS = 600
"""Hashes that one pair costs the priced verifier: about a millisecond, a thirtieth of what a small model takes."""

Score = tuple[float, float]


class Priced:
    """Share of the claim's words in the evidence, at a fixed price for every pair."""

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        self.pay(claims)
        return [Verdict(full=0.6 * _share(claim)) for claim in claims]

    def pay(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            price = claim.text.encode()
            for _ in range(ROUNDS):
                price = hashlib.sha256(price).digest()


class Forward(Priced):
    """The same verdicts for the price of a cross-encoder: one pass of MiniLM a pair, equal lengths together."""

    def __init__(self) -> None:
        import torch

        from glossator.encoding.bert import BertEncoder, best_number

        torch.set_num_threads(1)
        embedder, device = load_embedder("minilm"), torch.device("cpu")
        self._tokenizer = embedder.tokenizer
        self._model = BertEncoder(embedder.folder, best_number(device), device)

    def pay(self, claims: Sequence[Claim]) -> None:
        pairs = [f"{claim.text} {' '.join(claim.evidence)}" for claim in claims]
        rows = [encoded.ids[:WINDOW] for encoded in self._tokenizer.encode_batch(pairs)]
        for batch in batches([len(row) for row in rows], BUDGET):
            self._model.embed([rows[i] for i in batch])


def _share(claim: Claim) -> float:
    said, held = claim.text.rstrip(".").split(), set(re.findall(r"\w+", " ".join(claim.evidence)))
    return sum(each in held for each in said) / max(1, len(said))


def load(name: str) -> Verifier:
    own: dict[str, Callable[[], Verifier]] = {"priced": Priced, "forward": Forward}
    return own[name]() if name in own else Host.discover().verifier(name).load()


def forget() -> None:
    """Let the embedder compute every vector again."""
    load_embedder("minilm")._known.clear()


def alce_loop(items: Sequence[AlceItem], verifier: Verifier) -> list[Score]:
    """`compute_autoais` as it is written: sentence by sentence, pair by pair."""

    def entails(passage: str, claim: str) -> int:
        forget()
        full = verifier.judge([Claim(claim, (passage,))])[0].full
        assert full is not None
        return int(full >= LIKELY)

    scores = []
    for item in items:
        docs = [f"Title: {passage.title}\n{passage.text}" for passage in item.passages]
        sents = sentences(item.output)
        entail = precise = total = 0
        for sent in sents:
            target = remove_citations(sent).strip()
            ref = [int(found[1:]) - 1 for found in re.findall(r"\[\d+", sent)]
            joint = -1
            if not ref or any(number >= len(docs) for number in ref):
                joint = 0
            else:
                ref = ref[:3]
                total += len(ref)
            if joint == -1:
                joint = entails("\n".join(docs[number] for number in ref), target)
            entail += joint
            if joint and len(ref) > 1:
                for number in ref:
                    result = entails(docs[number], target)
                    if not result:
                        rest = deepcopy(ref)
                        rest.remove(number)
                        result = not entails("\n".join(docs[other] for other in rest), target)
                    precise += bool(result)
            else:
                precise += joint
        scores.append((entail / len(sents), precise / total if total else 0))
    return scores


def batched(items: Sequence[AlceItem], verifier: Verifier) -> list[Score]:
    forget()
    return [(score.recall, score.precision) for score in alce_compat(items, verifier)]  # type: ignore[misc]


def everything(items: Sequence[AlceItem], verifier: Verifier) -> list[list[float | None]]:
    """All our views, which ask more than ALCE does."""
    forget()
    answers = [read_answer(item.output, item.passages, "-") for item in items]
    return [
        [view(each).share for view in VIEWS.values()] for each in tensors(answers, verifier, gold=[()] * len(answers))
    ]


def workload(answers: int, group: int, seed: int = 0) -> list[AlceItem]:
    """Answers whose statements are facts of the question's passages, cited rightly, wrongly, twice or not at all."""
    chance = random.Random(seed)
    items = []
    for question in range(answers // group):
        facts = [[_fact(chance) for _ in range(FACTS)] for _ in range(PASSAGES)]
        passages = tuple(
            Passage(
                id=f"{question}.{n}", document_id=f"{n}", title=f"t{n}", text=" ".join(f), start=0, end=len(" ".join(f))
            )
            for n, f in enumerate(facts)
        )
        known = [(fact, number) for number, each in enumerate(facts, 1) for fact in each]
        markers = {fact: _markers(number, chance) for fact, number in known}
        for _ in range(group):
            said = [fact for fact, _ in chance.sample(known, SAID)]
            text = " ".join(f"{fact.rstrip('.')} {markers[fact]}." for fact in said)
            items.append(AlceItem(output=text, passages=passages))
    return items


def _fact(chance: random.Random) -> str:
    return " ".join(word(chance.randrange(20_000)) for _ in range(12)).capitalize() + "."


def _markers(number: int, chance: random.Random) -> str:
    other = chance.randrange(1, PASSAGES + 1)
    return chance.choice(
        [f"[{number}]", f"[{number}]", f"[{number}][{other}]", f"[{other}][{number}][1]", f"[{other}]", ""]
    )


def bench(name: str) -> bool:
    verifier, good = load(name), True
    for what, group in (("alone", 1), (f"groups of {GROUP}", GROUP)):
        items = workload(ANSWERS, group)
        theirs, ours = alce_loop(items, verifier), batched(items, verifier)
        wrong = "" if theirs == ours else f"{sum(a != b for a, b in zip(theirs, ours, strict=True))} answers differ"
        peer, *times = in_turns(*(partial(work, items, verifier) for work in (alce_loop, batched, everything)))
        for scope, spent in zip(("", ", all our figures"), times, strict=True):
            good &= verdict(f"cite_eval {name}, {what}{scope}", "ALCE's loop", peer, spent, wrong=wrong, per=ANSWERS)
    return good


if __name__ == "__main__":
    sys.exit(0 if min([bench(name) for name in sys.argv[1:] or ("priced", "aligned")]) else 1)
