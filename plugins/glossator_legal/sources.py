"""What an answer cites: the passages of its statements, and how old their documents are."""

from __future__ import annotations

from collections.abc import Iterable

from glossator import Answer, Passage, Statement


def cited_passages(statements: Iterable[Statement], answer: Answer) -> list[Passage]:
    """The shown passages that these statements cite, in the order of their first citation."""
    shown = {passage.id: passage for passage in answer.passages}
    cited = (answer.citations[index].passage_id for statement in statements for index in statement.citations)
    return [shown[name] for name in dict.fromkeys(cited) if name is not None]


def sources_as_of(answer: Answer) -> str:
    """One line with the revision date of each cited document; empty when nothing is cited."""
    dates = {passage.title: passage.revised or "no date" for passage in cited_passages(answer.statements, answer)}
    return "Sources as of: " + "; ".join(f"{title} ({date})" for title, date in dates.items()) if dates else ""
