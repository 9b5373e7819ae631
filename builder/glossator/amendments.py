"""What the run-time check did to a statement that may not be shown as the model wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fault = Literal[
    "unsupported",
    "unjudged",
    "uncited",
    "foreign marker",
    "foreign link",
    "altered source",
    "misquoted",
    "run together",
]
"""Why a statement may not stand:

* unsupported: the cited words support it less than the policy asks;
* unjudged: the verifier could not say;
* uncited: it makes a claim and names no source;
* foreign marker: a marker names nothing that was shown;
* foreign link: it holds a link, a picture or HTML that is no shown source's address;
* altered source: a cited passage no longer stands in its document;
* misquoted: it puts false words in quotation marks, and without the marks it would read as something else;
* run together: beside the other statements that may be shown it would read as something else.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """One statement that was replaced or taken out."""

    statement: str
    """As the model wrote it: not fit to be shown as an answer."""
    fault: Fault
    support: float | None = None
    """What the verifier gave it, 0 to 1; None when it was not judged."""
    replacement: str | None = None
    """The quote that is shown in its place; None: nothing is, the statement is dropped."""

    @property
    def repaired(self) -> bool:
        return self.replacement is not None
