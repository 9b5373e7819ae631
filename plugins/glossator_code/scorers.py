"""Scorers for answers about code. All of them read; none executes anything."""

from __future__ import annotations

import ast
from bisect import bisect_left

from glossator import Answer, Passage, Question, Score, Scorer
from glossator_code.blocks import python_blocks
from glossator_code.mentions import Words, cited_passages, named, own_words, used
from glossator_code.signatures import stated, supported
from glossator_code.source import parse

LONGEST = 20_000
"""Code points of a block that is still parsed."""


def symbols_exist(question: Question, answer: Answer) -> Score:
    """1 when every symbol that the answer names stands in a passage that its statement cites, else 0.

    All or nothing: a share could be raised by naming more true symbols around an invented one. A block on lines of its
    own that cites nothing rests on what the statement before it cites.
    """
    found, missing, code = 0, [], python_blocks(answer.text)
    cited: list[Passage] = []
    starts = [block.start for block in code]
    for statement, text in zip(answer.statements, own_words(answer, code), strict=True):
        inside = code[bisect_left(starts, statement.start) : bisect_left(starts, statement.end)]
        symbols = set(named(text)).union(*map(used, inside))
        cited = cited_passages(statement, answer) or (cited if inside else [])
        if symbols:
            words = Words.of(cited)
            missing += sorted(symbol for symbol in symbols if not words.hold(symbol))
        found += len(symbols)
    if not found:
        return Score(name="symbols_exist", value=None, why="names no symbol in its own words")
    why = f"not in the cited passages: {', '.join(missing[:5])}" if missing else f"{found} found"
    return Score(name="symbols_exist", value=float(not missing), why=why)


def code_parses(question: Question, answer: Answer) -> Score:
    """1 when every Python block of the answer parses, else 0. Blocks that say nothing, such as `pass`, do not count."""
    sources = [source for block in python_blocks(answer.text) for source in block.sources()]
    if any(len(source) > LONGEST for source in sources):
        why = f"a block of more than {LONGEST} code points is not parsed"
        return Score(name="code_parses", value=None, why=why, failed=True)
    trees = [parse(source) for source in sources]
    broken = sum(tree is None for tree in trees)
    if not broken and not any(tree and _says_something(tree) for tree in trees):
        return Score(name="code_parses", value=None, why="no Python block")
    return Score(name="code_parses", value=float(not broken), why=f"{broken} of {len(trees)} pieces do not parse")


def signatures_match(question: Question, answer: Answer) -> Score:
    """1 when every signature that the answer states is that of a `def` in a passage its statement cites, else 0."""
    claims = [
        (signature, cited_passages(statement, answer))
        for statement, text in zip(answer.statements, own_words(answer, python_blocks(answer.text)), strict=True)
        for signature in stated(text)
    ]
    if not claims:
        return Score(name="signatures_match", value=None, why="states no signature")
    wrong = [signature.written for signature, passages in claims if not supported(signature, passages)]
    why = f"not so in the cited passages: {', '.join(wrong[:3])}" if wrong else f"{len(claims)} agree"
    return Score(name="signatures_match", value=float(not wrong), why=why)


def _says_something(tree: ast.Module) -> bool:
    return any(
        not (isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)))
        for node in tree.body
    )


SCORERS = (
    Scorer(
        name="symbols_exist",
        score=symbols_exist,
        summary="1 when every symbol the answer names stands in a passage it cites for it",
    ),
    Scorer(name="code_parses", score=code_parses, summary="1 when every Python block of the answer parses"),
    Scorer(
        name="signatures_match",
        score=signatures_match,
        summary="1 when every signature the answer states is that of a cited definition",
    ),
)
