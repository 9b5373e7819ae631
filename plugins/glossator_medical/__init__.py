"""The medical domain: reference articles with gold questions. Educational text, no medical advice."""

from __future__ import annotations

from collections.abc import Iterable

from glossator import Domain, content, hookimpl


@hookimpl
def register_domains() -> Iterable[Domain]:
    """The domain in `domains/medical`."""
    return [Domain.from_content(content("glossator_medical", "domains/medical"))]
