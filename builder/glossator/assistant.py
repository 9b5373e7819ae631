"""A bundle at work: retrieve, render, generate, read, check, review."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from glossator.artifacts import MANIFEST, Manifest, digest_of, verify
from glossator.citations.tensor import Once
from glossator.claims import Verifier
from glossator.domain import AnswerPolicy, Prompts, RerankRecipe, RewardPolicy, Settings
from glossator.engines import NONE, find_server, identify
from glossator.errors import BundleError
from glossator.generation.generator import Generator
from glossator.generation.grounding import choices
from glossator.generation.grounds import Grounds, Possible
from glossator.generation.heaviest import HeaviestChoice
from glossator.generation.noted import Noting, notes_of
from glossator.generation.openai_http import ServedGenerator
from glossator.host import Host
from glossator.mending import Draft, Mender
from glossator.plan import find_backbone, find_reranker, model_identity
from glossator.prompting import fit
from glossator.recipe import Served
from glossator.records import EVERYTHING, Answer, Document, Message, Passage, Question, Scope
from glossator.retrieval.cross_encoder import CrossEncoder
from glossator.retrieval.generations import load_index
from glossator.retrieval.hybrid import Retriever
from glossator.retrieval.relevance import prior
from glossator.streaming import Event, Live

SEARCH, BASE = "search", "base"
"""Names of the rung without a model and of the one without an adapter."""

Shown = tuple[tuple[Message, ...], tuple[Passage, ...]]
"""A rendered prompt and the passages in it."""


class Lock(Settings):
    """`bundle.json`: the combination that answers, each module by the digest of its content."""

    name: str
    domain: str
    backbone: str
    """As the recipe calls it; on a server, the model's name."""
    backbone_identity: str
    """Hash of its files (weights, tokenizer, chat template), the hub id, the id that its server reports, or `none`."""
    served: Served | None = None
    """How the server that holds the backbone is asked; None where no server does."""
    server: str = ""
    """Where that server is, if on this machine; else GLOSSATOR_SERVER says so when the bundle is used."""
    adapters: tuple[str, ...]
    """Rungs below `adapters/`, in the order of training; the last one is live."""
    modules: dict[str, str]
    """Module (adapters, index, prompts, policy) -> digest."""
    answer: AnswerPolicy
    verifier: str
    k: int
    per_document: int | None
    evidence: float
    rerank: RerankRecipe | None
    reranker_identity: str | None
    """Hash of the files of the cross-encoder in `rerank`, or its hub id; None when there is none."""
    rewards: RewardPolicy | None
    scorers: tuple[str, ...]
    gates: dict[str, float]
    """Scorer -> least mean that `glossator eval` accepts."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle on disk."""

    folder: Path
    lock: Lock
    digest: str

    @property
    def prompts(self) -> Prompts:
        folder = self.folder / "prompts"
        return Prompts(
            system=(folder / "system.txt").read_text(encoding="utf-8"),
            abstention=(folder / "abstention.txt").read_text(encoding="utf-8"),
        )

    def adapter(self, rung: str) -> Path | None:
        """Folder of a rung's adapter; None for the bare backbone."""
        return None if rung == BASE else self.folder / "adapters" / rung

    @property
    def rungs(self) -> tuple[str, ...]:
        """What can answer, each a step above the one before."""
        alone = (SEARCH,) if self.lock.answer.grounding == "quoted" and self.lock.answer.prior else ()
        return alone if self.lock.backbone == NONE else (*alone, BASE, *self.lock.adapters)


def open_bundle(path: Path) -> Bundle:
    """Find and verify a bundle: its own folder, or the output folder of a build.

    Every file is compared with its recorded hash before anything parses it. Raises BundleError.
    """
    folder = path / "bundle" if (path / "bundle" / MANIFEST).is_file() else path
    if not (folder / MANIFEST).is_file():
        raise BundleError(f"no bundle at {path}; `glossator build RECIPE --out {path}` makes one")
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except ValidationError as error:
        raise BundleError(f"{folder / MANIFEST} was changed since this bundle was built; build again") from error
    verify(folder, manifest.files)
    lock = Lock.model_validate_json((folder / "bundle.json").read_bytes())
    return Bundle(folder, lock, digest_of(manifest.files))


def open_retriever(bundle: Bundle, *, allow_download: bool = False) -> Retriever:
    """The index of a bundle, with the cross-encoder that it is locked with.

    Raises BundleError when the cross-encoder is not the one that the bundle was built with.
    """
    lock, folder = bundle.lock, bundle.folder / "index"
    reranker = find_reranker(lock.rerank, allow_download=allow_download)
    if reranker is None:
        return load_index(folder)
    _check_model(bundle, f"reranker {reranker!r}", reranker, lock.reranker_identity)
    return load_index(folder, CrossEncoder.load(reranker))


def find(
    retriever: Retriever, lock: Lock, question: str, k: int | None = None, scope: Scope = EVERYTHING
) -> list[Passage]:
    """What a bundle shows of its index for a question; as much as its lock says when `k` is None."""
    return retriever.search(question, k or lock.k, lock.evidence, lock.rerank, scope, lock.per_document)


def possible_answers(question: str, passages: Sequence[Passage], policy: AnswerPolicy, abstention: str) -> Possible:
    """What a quoting assistant may answer, weighed by the policy's prior: the same in serving, sampling and RL."""
    if not policy.free:
        return choices(passages, abstention, prior(question, passages, policy.prior))
    return Grounds(
        passages=tuple(passages),
        abstention=abstention,
        weights=tuple(prior(question, passages, float(policy.prior > 0))),
        prior=policy.prior,
        quotes=policy.quotes,
        spans=policy.spans,
        connect=policy.connect,
    )


@dataclass(slots=True, kw_only=True)
class Assistant:
    """Answers questions over one bundle."""

    bundle: Bundle
    host: Host
    retriever: Retriever
    generator: Generator
    verifier: Verifier

    @classmethod
    def load(
        cls,
        bundle: Bundle,
        host: Host,
        *,
        rung: str | None = None,
        allow_download: bool = False,
        allow_network: bool = False,
    ) -> Assistant:
        """Load the live rung of a bundle, or another one.

        Raises BundleError for a rung that it has not, and when the installed backbone or reranker is not the one that
        it was built on, ServerError when the backbone's server does not answer.
        """
        wanted = rung or bundle.rungs[-1]
        if wanted not in bundle.rungs:
            raise BundleError(f"{bundle.folder}: there is no rung {wanted!r}; it has {', '.join(bundle.rungs)}")
        return cls(
            bundle=bundle,
            host=host,
            retriever=open_retriever(bundle, allow_download=allow_download),
            generator=_generator(bundle, wanted, allow_download, allow_network),
            verifier=host.verifier(bundle.lock.verifier).load(),
        )

    def answer(self, question: str) -> Answer:
        """Answer one question."""
        return self.answer_all([Question(id="", text=question)])[0]

    def stream(self, question: str) -> Iterator[Event]:
        """Answer one question piece by piece; the last event holds the answer that `answer` gives, times apart."""
        start, asked = time.monotonic(), Question(id="", text=question)
        ((messages, passages),) = shown = self._shown([asked], self.search_all([asked]))
        among = self._choices([asked], shown)
        choices = among[0] if among is not None else None
        retrieve = round(time.monotonic() - start, 4)
        pieces = Noting(self.generator.stream(messages, self.bundle.lock.answer.max_new_tokens, choices))
        draft = Draft(question=question, text="", passages=passages, documents=self.retriever.documents)

        def conclude(checked: Answer) -> Answer:
            reviewed = self._reviewed(asked, checked, pieces.notes)
            return replace(reviewed, timings={"retrieve": retrieve}, lock=self.bundle.digest)

        yield from Live(mender=self._mender(), draft=draft).events(pieces, conclude)

    def answer_all(self, questions: Sequence[Question]) -> list[Answer]:
        """Answer several questions; generation runs in batches."""
        start = time.monotonic()
        found = self.search_all(questions)
        share = round((time.monotonic() - start) / max(1, len(questions)), 4)
        answers = self.answer_over(questions, found, [self.retriever.documents] * len(questions))
        return [replace(answer, timings={"retrieve": share, **answer.timings}) for answer in answers]

    def search_all(self, questions: Sequence[Question]) -> list[list[Passage]]:
        """What is found for each question."""
        return [find(self.retriever, self.bundle.lock, question.text) for question in questions]

    def answer_over(
        self,
        questions: Sequence[Question],
        found: Sequence[Sequence[Passage]],
        documents: Sequence[Mapping[str, Document]],
    ) -> list[Answer]:
        """Answer each question over its passages, which stand in its documents."""
        start = time.monotonic()
        length, shown = self.bundle.lock.answer.max_new_tokens, self._shown(questions, found)
        texts = self.generator.complete([messages for messages, _ in shown], length, self._choices(questions, shown))
        generated, mender = time.monotonic(), self._mender()
        drafts = [
            Draft(question=question.text, text=text, passages=passages, documents=known)
            for question, text, (_, passages), known in zip(questions, texts, shown, documents, strict=True)
        ]
        answers = [
            self._reviewed(question, answer, notes_of(text))
            for question, answer, text in zip(questions, mender.answers(drafts), texts, strict=True)
        ]
        spent = {"generate": generated - start, **mender.shares(time.monotonic() - generated)}
        share = {step: round(seconds / max(1, len(questions)), 4) for step, seconds in spent.items()}
        return [replace(answer, timings=share, lock=self.bundle.digest) for answer in answers]

    def _shown(self, questions: Sequence[Question], found: Sequence[Sequence[Passage]]) -> list[Shown]:
        prompts, length = self.bundle.prompts, self.bundle.lock.answer.max_new_tokens
        return [
            fit(prompts, question.text, passages, lambda rendered: self.generator.fits(rendered, length))
            for question, passages in zip(questions, found, strict=True)
        ]

    def _choices(self, questions: Sequence[Question], shown: Sequence[Shown]) -> list[Possible] | None:
        answer, abstention = self.bundle.lock.answer, self.bundle.prompts.abstention
        if answer.grounding == "cited":
            return None
        return [
            possible_answers(question.text, passages, answer, abstention)
            for question, (_, passages) in zip(questions, shown, strict=True)
        ]

    def _mender(self) -> Mender:
        policy, prompts = self.bundle.lock.answer, self.bundle.prompts

        def possible(question: str, passages: Sequence[Passage]) -> Possible:
            return possible_answers(question, passages, policy, prompts.abstention)

        return Mender(
            generator=self.generator, verifier=Once(self.verifier), prompts=prompts, policy=policy, possible=possible
        )

    def _reviewed(self, question: Question, checked: Answer, engine: Sequence[str]) -> Answer:
        """With what the engine says of it and the notice, and after the last word of the plugins."""
        lock = self.bundle.lock
        noticed = replace(checked, notes=(*engine, *checked.notes, *filter(None, [lock.answer.notice])))
        return self.host.review_answer(lock.domain, question, noticed)


def _generator(bundle: Bundle, rung: str, allow_download: bool, allow_network: bool) -> Generator:
    from glossator.generation.transformers_local import LocalGenerator

    lock = bundle.lock
    if rung == SEARCH:
        return HeaviestChoice()
    if lock.served is not None:
        endpoint = find_server(lock.served, lock.server, allow_network=allow_network)
        identify(endpoint, lock.served)
        return ServedGenerator(endpoint=endpoint, served=lock.served)
    backbone = find_backbone(lock.backbone, allow_download=allow_download)
    _check_model(bundle, f"backbone {lock.backbone!r}", backbone, lock.backbone_identity)
    return LocalGenerator.load(backbone, bundle.adapter(rung))


def _check_model(bundle: Bundle, name: str, found: str, identity: str | None) -> None:
    if model_identity(found) != identity:
        raise BundleError(f"{bundle.folder}: built on another version of {name}; build again")
