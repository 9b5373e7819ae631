"""Pages: one template, its style and its script in one file, where whatever was measured is text and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from glossator.report.tables import words

_SIGN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What cannot be seen and may turn what is seen around. Joiners stay: emoji and scripts need them."""


def plain(value: object) -> Markup:
    """Text as HTML that shows just this text: escaped, every invisible sign named and kept from acting on the rest.

    >>> plain("a < \\u202eb")
    Markup('a &lt; <bdi class="sign" data-sign="U+202E">\\u202e</bdi>b')
    """
    return Markup(_SIGN.sub(_named, escape(str(value))))  # noqa: S704  escaped first, then only our own tag is added


def render(template: str, **values: Any) -> str:
    """A template of this folder as a page that runs its own script only and loads nothing."""
    import jinja2

    script = _text("page.js")
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(_text),
        finalize=lambda value: value if isinstance(value, Markup) else plain(value),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "words": words,
        "style": Markup(_text("page.css")),  # noqa: S704  ours
        "script": Markup(script),  # noqa: S704  ours
        "policy": f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
    }
    return environment.get_template(template).render(**values)


def _named(found: re.Match[str]) -> str:
    sign = found[0]
    shown = "\ufffd" if sign < "\xa0" or "\ud800" <= sign <= "\udfff" else sign  # no page may hold these
    return f'<bdi class="sign" data-sign="U+{ord(sign):04X}">{shown}</bdi>'


def _hash(script: str) -> str:
    """What the Content-Security-Policy calls this very script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _text(name: str) -> str:
    return (files("glossator.report") / name).read_text(encoding="utf-8")
