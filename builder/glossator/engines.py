"""What answers: a model in this process, one behind a server, or none."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator

from glossator.endpoint import Endpoint, Unanswered, is_address, is_here
from glossator.errors import InputError, ServerError
from glossator.recipe import Recipe, Served

NONE = "none"
"""The backbone of an assistant without a model."""
VARIABLE = "GLOSSATOR_SERVER"
"""Names another address of the server than the recipe does."""
PATIENCE = 300.0
"""Seconds for one answer."""


def refusals(recipe: Recipe) -> Iterator[str]:
    """What the recipe asks for that its backbone cannot do; each line begins with the key."""
    served = isinstance(recipe.backbone, Served)
    if not served and recipe.backbone != NONE:
        return
    why = "the model behind the server is not trained here" if served else "there is nothing to train without a model"
    for stage, section in (("sft", recipe.sft), ("rl", recipe.rl)):
        if section is not None:
            yield f"{stage}: {why}; take the section out, or let `backbone` name `embedded`, a folder or a hub id"
    if served and recipe.answer.free:
        yield "answer: quotes, spans and connect need a model in this process; leave them out for one behind a server"
    if not served and recipe.answer.grounding == "cited":
        yield "answer.grounding: free text needs a model; say `quoted`, or name a backbone"
    if not served and recipe.answer.prior == 0:
        yield "answer.prior: without a model only the prior chooses; give it a weight above 0, or name a backbone"


def find_server(served: Served, address: str, *, allow_network: bool = False) -> Endpoint:
    """The server at an address, or at the one that GLOSSATOR_SERVER names; nothing is sent yet.

    Raises InputError when no address is known, when it is another machine's and nobody consented, or when the
    variable of the key holds none.
    """
    url = os.environ.get(VARIABLE, "").strip() or address
    if not is_address(url):
        raise InputError(
            f"model {served.model!r} is behind a server, and no address of one is known{f': {url!r}' if url else ''}; "
            f"set {VARIABLE}, for example to http://127.0.0.1:8000/v1"
        )
    if not is_here(url) and not allow_network:
        raise InputError(
            f"the server {url} is not this machine; say --allow-network to let glossator send it questions and passages"
        )
    return Endpoint(url=url, key=_key(served.key), seconds=PATIENCE)


def identify(endpoint: Endpoint, served: Served) -> str:
    """What must be equal for two answers to come from the same model: its id, as the server reports it.

    Raises ServerError, InputError for a model that the server does not have.
    """
    try:
        listed = endpoint.get("models")
    except Unanswered as failure:
        raise unanswered(endpoint, served, failure) from failure
    try:
        ids = [str(model["id"]) for model in json.loads(listed)["data"]]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ServerError(
            f"the server {endpoint.url} lists no models at /models: is this the base of its interface? "
            "It often ends in /v1"
        ) from error
    if served.model in ids:
        return served.model
    near = difflib.get_close_matches(served.model, ids, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise InputError(f"the server {endpoint.url} has no model {served.model!r}{hint} It has: {', '.join(ids[:20])}")


def unanswered(endpoint: Endpoint, served: Served, failure: Unanswered) -> ServerError:
    """What went wrong, at which address, and what to do."""
    return ServerError(f"the server {endpoint.url} {failure}; {_advice(served, failure.status or 0)}")


def _advice(served: Served, status: int) -> str:
    if status in (401, 403) and served.key:
        return f"look at the key in {served.key}"
    if status in (401, 403):
        return "if it wants a key, name its variable in backbone.key"
    if 300 <= status < 400:
        return "redirects are not followed; if you trust where it leads, name that address"
    if 400 <= status < 500:
        return "look at backbone.model, backbone.constraint and backbone.window"
    return f"does an OpenAI-compatible server run there? {VARIABLE} names another address"


def _key(name: str | None) -> str:
    key = os.environ.get(name, "").strip() if name else ""
    if name and not (key.isascii() and key.isprintable() and key):
        raise InputError(f"the environment holds no key in {name}, which backbone.key names; set it")
    return key
