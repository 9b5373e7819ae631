"""Verifiers that others made, behind adapters; the environment says where their models are (docs/verifiers.md)."""

from __future__ import annotations

from glossator import Verifier, VerifierSpec

CHUNKS = "the greatest over the chunks, and over the two best chunks read together, as much of them as fits"


def _minicheck() -> Verifier:
    from glossator.verification.minicheck import load_minicheck

    return load_minicheck()


def _hhem() -> Verifier:
    from glossator.verification.hhem import load_hhem

    return load_hhem()


def _nli() -> Verifier:
    from glossator.verification.nli import load_nli

    return load_nli()


def _judge() -> Verifier:
    from glossator.verification.judge import load_judge

    return load_judge()


ADAPTERS = (
    VerifierSpec(
        name="minicheck",
        summary="MiniCheck (Tang et al. 2024), the model in GLOSSATOR_MINICHECK: Flan-T5, DeBERTa or RoBERTa",
        load=_minicheck,
        licence="MIT (the weights, says their card)",
        window=f"chunks of 400 tokens, or 500 words for Flan-T5, as its authors cut: {CHUNKS}. Claim and chunk are"
        " 2048 tokens at most, 512 for RoBERTa; a claim of more than half of that is not judged",
        calibration="none: trained on synthetic English, its authors' threshold is 0.5. No contradiction, no part",
    ),
    VerifierSpec(
        name="hhem",
        summary="HHEM-2.1-Open (Vectara 2024), the weights in GLOSSATOR_HHEM, without its remote code",
        load=_hhem,
        licence="Apache-2.0",
        window=f"2048 tokens with the claim, longer evidence in chunks: {CHUNKS}. A claim of more than half of that is"
        " not judged",
        calibration="none: its authors' threshold is 0.5; English; no contradiction, no part",
    ),
    VerifierSpec(
        name="nli",
        summary="the NLI cross-encoder in GLOSSATOR_NLI: entailment is full, contradiction is contradiction",
        load=_nli,
        licence="that of the model named",
        window=f"512 tokens with the claim, or fewer if the model reads fewer: {CHUNKS}. A claim of more than half of"
        " that is not judged",
        calibration="none: the probabilities of whatever it was trained on; no part",
    ),
    VerifierSpec(
        name="judge",
        summary="a language model at GLOSSATOR_JUDGE_URL, which must quote the evidence; all is sent there",
        load=_judge,
        licence="that of the endpoint named",
        window="whatever the endpoint reads; what it refuses is not judged",
        calibration="none: 0 or 1, never between",
    ),
)
