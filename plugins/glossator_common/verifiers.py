"""The verifiers that come with glossator, from the plainest to the most careful."""

from __future__ import annotations

from glossator import Verifier, VerifierSpec


def _overlap() -> Verifier:
    from glossator.verification.overlap import OverlapVerifier

    return OverlapVerifier()


def _lexical() -> Verifier:
    from glossator.verification.lexical import LexicalVerifier

    return LexicalVerifier()


def _aligned() -> Verifier:
    from glossator.verification.aligned import AlignedVerifier

    return AlignedVerifier()


def _cross_encoder() -> Verifier:
    from glossator.verification.cross_encoder import CrossEncoderVerifier

    return CrossEncoderVerifier()


PROTOCOL = "the tune rows of docs/meta-evaluation.md, so that 0.5 is the threshold"

VERIFIERS = (
    VerifierSpec(
        name="overlap",
        summary="share of the claim's words in the cited words; 0 on a conflict of numbers or negation",
        load=_overlap,
        licence="Apache-2.0",
    ),
    VerifierSpec(
        name="lexical",
        summary="figures of shared words, weighed by a logistic regression",
        load=_lexical,
        licence="Apache-2.0",
        calibration=PROTOCOL,
    ),
    VerifierSpec(
        name="aligned",
        summary="the same, and clause by clause: meaning, and conflicts of numbers, units, negation, strength, names",
        load=_aligned,
        licence="Apache-2.0",
        window="any length; meaning is compared for the three nearest sentences",
        calibration=PROTOCOL,
    ),
    VerifierSpec(
        name="cross_encoder",
        summary="the same, and MiniLM reads claim and evidence together",
        load=_cross_encoder,
        licence="Apache-2.0",
        window="256 tokens: the claim, a longer one than 160 is not judged, and of the evidence what matters most",
        calibration=PROTOCOL,
    ),
)
