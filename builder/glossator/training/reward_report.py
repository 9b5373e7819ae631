"""How far a reward model can be trusted, on pairs of questions that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any

from glossator.records import Pair
from glossator.statistics.calibration import calibration
from glossator.statistics.estimates import rate


def report(pairs: Sequence[Pair], margins: Sequence[float]) -> dict[str, Any]:
    """Accuracy, calibration and a check for length, each with its interval; questions are the clusters.

    `margins` are the scores of the better answers minus those of the worse. Confidence is that of Bradley and Terry
    (1952) in the answer that the model prefers, 1 / (1 + exp(-|margin|)). Length: of the pairs of unequal length, the
    share in which the longer answer is preferred, by the pairs and by the model; one far above the pairs pays words.
    """
    if not pairs:
        return {}
    names, right = [pair.question_id for pair in pairs], [margin > 0 for margin in margins]
    sure = [1 / (1 + exp(-min(abs(margin), 500.0))) for margin in margins]
    found = {"accuracy": rate(right, names), **calibration(sure, right, names)}
    uneven = [i for i, pair in enumerate(pairs) if len(pair.chosen) != len(pair.rejected)]
    if uneven:
        longer = [len(pairs[i].chosen) > len(pairs[i].rejected) for i in uneven]
        clusters = [names[i] for i in uneven]
        found["pairs_prefer_longer"] = rate(longer, clusters)
        model = [longer[place] == right[i] for place, i in enumerate(uneven)]
        found["model_prefers_longer"] = rate(model, clusters)
    return {name: one.model_dump(mode="json") for name, one in found.items()}
