"""Published rules fail on what they are known to fail on, and we pass every case."""

from __future__ import annotations

import peers


def test_the_stand_ins_have_the_known_faults() -> None:
    assert peers.alce_citations("Iron [1, 2] falls [0].") == (1, -1)
    assert peers.alce_citations("Iron [1][2][3][4].") == (1, 2, 3)
    assert peers.alce_citations("arr[1] is [^1] or [doc1]") == (1,)
    assert peers.alce_sentences("Iron falls. [1] Zinc.\nLead [2].") == ["Iron falls.", "[1] Zinc."]
    assert peers.ragas_spans("It isn't clear that the tenant's") == ["t clear that the tenant"]
    assert peers.ragas_holds("Adults take 5 mg of folic acid", [peers.FIRST, peers.SECOND]), "of the wrong document"


def test_we_pass_every_case_and_no_peer_does() -> None:
    for total, ours, *others in peers.counts().values():
        assert ours == total
        assert all(passed is None or passed < total for passed in others)
