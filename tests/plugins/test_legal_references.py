"""Every clause, article and statute that an answer names must stand in a passage it cites."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glossator_legal.references import clauses_resolve

from ..conftest import asked, document, passage, read, takes_linear_time

TERMS = replace(
    passage(document("9.2 The supplier's liability is capped at the fees. It does not touch clause 4.10(b).", "terms")),
    locator="9. Liability, 9.2",
)
GDPR = replace(
    passage(
        document(
            "Under Article 17(2) of Regulation (EU) 2016/679 a controller informs others.\n(3) Paragraphs 1 and 2 do not apply"
            " under Article 6(1)(e) or (f).\nSee Articles 13 and 14 and Case C-131/12.",
            "gdpr",
        )
    ),
    locator="Article 17",
)
ACTS = passage(
    document(
        "The duties come from sections 212 to 215 of the Housing Act 2004, and from section 2 of the Law of Property"
        " (Miscellaneous Provisions) Act 1989. See s. 11 of the Landlord and Tenant Act 1985.\n\n| Claim | Section of the 1980"
        " Act |\n| --- | --- |\n| Contract | 5 |\n| Defamation | 4A |\n",
        "acts",
    )
)
RIGHT = [
    "Liability is capped under clause 9.2. [1]",
    "Liability is capped under § 9.2. [1]",
    "Liability is capped (s. 9.2). [1]",
    "Section 9 caps liability. [1]",
    "It leaves clause 4.10(b) alone. [1]",
    "It leaves cl. 4.10 (b) alone. [1]",
    "Clause nine point two caps liability. [1]",
    "Art. 17(2) asks to inform others. [2]",
    "ART 17 asks to inform others. [2]",
    "Article 17(3) has exceptions. [2]",
    "Art. 6(1)(f) is named. [2]",
    "Articles 13 and 14 are named. [2]",
    "Regulation (EU) 2016/679 applies, see Case C-131/12. [2]",
    "Section 213 protects deposits. [3]",
    "Section 215 of the Housing Act 2004 and section 4A of the 1980 Act are named. [3]",
    "Section 11 of the Landlord and Tenant Act 1985 asks for repairs. [3]",
    "§§ 212–215 of the Housing Act 2004 protect deposits. [3]",
    "Section 2 of the Law of Property (Miscellaneous Provisions) Act 1989 asks for writing. [3]",
    "Under the Landlord and Tenant Act 1985, section 11, repairs are due. [3]",
    "The 2004 Act protects deposits. [3]",
    "The period is in section 5, or in section 4A. [3]",
    "Clause\u200b 9.\u200b2 caps liability. [1]",
    "Ｃｌａｕｓｅ ９.２ caps liability. [1]",
]
WRONG = [
    "Liability is capped under clause 9.3. [1]",
    "Liability is capped under clause 9.21. [1]",
    "Liability is capped under clause 92. [1]",
    "Liability is capped under clause 9.2(a). [1]",
    "It leaves clause 4.1 alone. [1]",
    "Clause nine point three caps liability. [1]",
    "Clause 9.\u200b3 caps liability. [1]",
    "Section 17 asks to inform others. [2]",
    "Article 17(4) has exceptions. [2]",
    "Article 17(e) has exceptions. [2]",
    "Article 6(1)(a) is named. [2]",
    "Article 1 is named. [2]",
    "Case C-131/21 is named. [2]",
    "Section 216 protects deposits. [3]",
    "The Housing Act 2014 protects deposits. [3]",
    "The Rent Act 2004 protects deposits. [3]",
    "The 2005 Act protects deposits. [3]",
    "Article 9.2 caps liability. [2]",
    "Liability is capped under clause 9.2. [3]",
    "Liability is capped under clause 9.2.",
    "Liability “is capped under clause 9.3. [1]",
    'Liability " is capped" under clause 9.3. [1]',
]


def value(text: str) -> float | None:
    return clauses_resolve(asked(), read(text, TERMS, GDPR, ACTS)).value


@pytest.mark.parametrize("text", RIGHT)
def test_a_reference_that_stands_in_the_cited_passage_resolves(text: str) -> None:
    assert value(text) == 1


@pytest.mark.parametrize("text", WRONG)
def test_any_other_reference_does_not(text: str) -> None:
    assert value(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Liability is capped. [1]",
        "“Under clause 99.9 it is capped” [1]",
        'It says "see s. 99". [1]',
        "It takes 30 days. [1]",
        "The tenant's 11 rooms. [1]",
        "",
    ],
)
def test_without_a_reference_of_its_own_it_does_not_apply(text: str) -> None:
    assert value(text) is None


def test_a_number_after_a_singular_is_no_second_reference() -> None:
    assert value("Under clause 9.2 and 30 days later nothing is due. [1]") == 1


def test_the_value_is_a_share_and_says_what_is_lost() -> None:
    score = clauses_resolve(asked(), read("Clause 9.2 and clause 9.9 cap it. [1]", TERMS))
    assert (score.value, score.why) == (0.5, "1 of 2 resolve; “clause 9.9” is not cited")


def test_a_reference_in_a_passage_that_is_shown_but_not_cited_does_not_count() -> None:
    assert value("Clause 9.2 caps liability. [2]") == 0


@pytest.mark.parametrize(
    "part",
    [
        "clause 9.2 ",
        "sections 1 to 9, ",
        "s.",
        "(1)",
        "Article 1(",
        "A ",
        "Act 2004 ",
        "clause ",
        "1.",
        "Aa of the ",
        "§",
        '"a ',
        "'a' ",
    ],
)
def test_reading_references_is_linear(part: str) -> None:
    assert takes_linear_time(lambda text: value(f"{text} [1]"), part)
