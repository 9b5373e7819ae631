"""What an answer says about code is compared with what it cites; tricks are not paid, and nothing is executed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import glossator_code
import glossator_common
from glossator import Answer, Host, Passage, read_answer
from glossator_code.blocks import blocks
from glossator_code.scorers import code_parses, signatures_match, symbols_exist

from ..conftest import ABSTENTION, asked

PUT = '''    def put(
        self, name: str, payload: Mapping[str, Any] | None = None, *, priority: int = 5, delay: float | str = 0.0
    ) -> Job:
        """Add a job. Raises `DuplicateJob` when the key is taken; never use `fork`."""'''
WORKER = '''class Worker:
    """Runs jobs."""

    def run(self, limit=None): ...
    def stop(self, *args, now=False, **rest): ...'''
PAGE = "Call `claim(names=None)` to take a job; it returns a Lease or None. See settings.lease_seconds."
INIT = 'def __init__(self, directory=None, *, clock=None):\n    """Open a queue."""'

Q = asked()


def passage(text: str, name: str, locator: str) -> Passage:
    return Passage(
        id=name, document_id=name, title=locator.rpartition(".")[0], text=text, start=0, end=len(text), locator=locator
    )


SHOWN = (
    passage(PUT, "p1", "draywork.queue.Queue.put, lines 46-50"),
    passage(WORKER, "p2", "draywork.worker.Worker, lines 1-5"),
    passage(PAGE, "p3", "claim"),
    passage(INIT, "p4", "draywork.queue.Queue.__init__, lines 30-31"),
)


def read(text: str) -> Answer:
    return read_answer(text, SHOWN, ABSTENTION)


def test_the_scorers_are_registered() -> None:
    host = Host.of(common=glossator_common, code=glossator_code)
    assert {"symbols_exist", "code_parses", "signatures_match"} <= set(host.scorers)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Jobs are added at once [1].", None),
        (ABSTENTION, None),
        ("Use `put` [1].", 1.0),
        ("Use ``put`` [1].", 1.0),
        ("Use queue.put() to add a job [1].", 1.0),
        ("Use `Queue.put(name, priority=5)` [1].", 1.0),
        ("It raises `DuplicateJob` [1].", 1.0),
        ("A `None` or `True` is no claim [1].", None),
        ("It takes job(s), e.g. one [1].", None),
        ("Set settings.lease_seconds [3].", 1.0),
        ("[1]: “never use `fork`”", None),
        # what is invented, or stands elsewhere
        ("Use `enqueue` [1].", 0.0),
        ("Use queue.enqueue() [1].", 0.0),
        ("Use `Worker.put` [1].", 0.0),
        ("Use `put` [2].", 0.0),
        ("Use `put`.", 0.0),
        ("Use `put` [9].", 0.0),
        ("Use `put` [1]. Then `frobnicate` [1].", 0.0),
        # tricks
        ("Use `put`, `name`, `payload`, `priority`, `delay`, `str`, `Job` and `enqueue` [1].", 0.0),
        ("Use “`enqueue`” [1].", 0.0),
        ("“Add a job” with “enqueue()” [1].", 0.0),
        ("Use que“Add a job”.enqueue() [1].", 0.0),
        ("Use `рut` [1].", 0.0),  # a Cyrillic letter
        ("Use `ｐｕｔ` [1].", 0.0),
        ("Use `pu\u200bt` [1].", 0.0),
        ("Use `PUT` [1].", 0.0),
        ("Use `put.enqueue` [1].", 0.0),
        ("Use `enqueue and go on [1].", 0.0),
        ("Use .enqueue() on it [1].", 0.0),
        ("Use `'put'` or `put_all` [1].", 0.0),
        ("Use it [1]:\n```text\nqueue.enqueue()\n```", 0.0),
        ("Use it [1]: ~~~ queue.enqueue() and `more`", 0.0),
        ("Use it [1]:\n```python\nqueue.put('x')\n```", 1.0),
        ("Use it [1]: ```python\nqueue.put('x')\n```", 1.0),
        ("Use it [2]:\n```python\nqueue.put('x')\n```", 0.0),
        ("Use it [1]:\n```python\nqueue.enqueue('x')\n```", 0.0),
        ("Use it [1]:\n```python\nfrom draywork import Enqueuer\n```", 0.0),
        ("Use it [1]:\n```python\nqueue.enqueue(\n```", 0.0),
        ("Use it [1]:\n```python\nqueue.enqueue('x')", 0.0),
    ],
)
def test_every_symbol_stands_in_a_cited_passage(text: str, value: float | None) -> None:
    assert symbols_exist(Q, read(text)).value == value


def test_a_block_may_use_its_own_names_and_those_every_program_has() -> None:
    code = "import time\nfrom draywork.queue import Queue\n\ndef mail(job):\n    print(len(job), time.sleep(1))\n\nq = Queue('d')\nq.put('x')\nmail([].copy())"
    assert symbols_exist(Q, read(f"So [1]:\n```python\n{code}\n```")).value == 1.0
    assert (
        symbols_exist(Q, read(f"So [1]:\n```python\n{code}\nq.putt('x')\n```")).why == "not in the cited passages: putt"
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("No code [1].", None),
        ("Inline ```x = (``` is no block [1].", None),
        ("```\nnot python at all (\n```", None),
        ("```sh\npip install (\n```", None),
        ("```python\nx = 1\n```", 1.0),
        ("Say [1]: ```Python\nqueue.put('x')\n```", 1.0),
        ("```{.python}\n    x = 1\n    y = 2\n```", 1.0),
        ("~~~py\nawait q.get()\n~~~", 1.0),
        ("````python\ns = '''\n```\n'''\n````", 1.0),
        ("```pycon\n>>> def f():\n...     return 1\n...\n>>> f()\n1 (one)\n```", 1.0),
        ("```\n>>> f(1)\noutput (\n```", 1.0),
        # what does not parse
        ("```python\nx = (\n```", 0.0),
        ("```python\nx = 1", 1.0),
        ("```python\nx = (", 0.0),
        ("```python\nx = 1\n```\n```python\ndef f(:\n```", 0.0),
        ("```python\n>>> x = (\n```", 0.0),
        ("```\n>>> def f():\n... return 1\n```", 0.0),
        ("```python\n%time f()\n```", 0.0),
        ("```python\nx = '\0'\n```", 0.0),
        # tricks: blocks that say nothing earn nothing, and hide nothing
        ("```python\n```", None),
        ("```python\npass\n```", None),
        ("```python\n# x = (\n...\n'words'\n```", None),
        ("```python\n>>> 1\n```", None),
        ("```python\npass\n```\n```python\nx = (\n```", 0.0),
        ("```python\n" + "(" * 5000 + "\n```", 0.0),
        ("```python\n" + "[" * 5000 + "]" * 5000 + "\n```", 0.0),
        ("```python\nx = " + "-" * 15000 + "1\n```", 0.0),
        ("```python\n" + "f'{" * 5000 + "\n```", 0.0),
    ],
)
def test_every_python_block_parses(text: str, value: float | None) -> None:
    assert code_parses(Q, read(text)).value == value


def test_a_block_beyond_all_measure_is_not_judged() -> None:
    score = code_parses(Q, read("```python\n" + "x = 1\n" * 5000 + "```"))
    assert (score.value, score.failed) == (None, True)


def test_nothing_is_executed(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    code = f"open({str(trap)!r}, 'w')"
    text = f"`put(name={code})` [1]\n```python\n{code}\n>>> {code}\n```\n`put(name: {code} = {code})` [1]"
    for scorer in (symbols_exist, code_parses, signatures_match):
        scorer(Q, read(text))
    assert not trap.exists()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Call `put` with a name [1].", None),
        ("Call put() or `put('x')` or `put(name, ...)` [1].", None),
        ("[1]: “def put(”", None),
        ("`put(name, payload=None, *, priority=5, delay=0.0)` adds a job [1].", 1.0),
        ("`Queue.put(self, name, payload=None, priority=5, delay=0.0)` [1].", 1.0),
        ("put(name: str, payload=None, priority: int=5, delay=0.0) adds a job [1].", 1.0),
        ("`run(limit=None)` [2].", 1.0),
        ("`Worker.stop(*args, now=False, **rest)` [2].", 1.0),
        ("`Queue(directory=None, clock=None)` [4].", 1.0),
        ("`claim(names=None)` [3].", 1.0),
        # wrong ones
        ("`put(name, payload=None, *, priority=5, delay=1.0)` [1].", 0.0),
        ("`put(name, payload=None, *, delay=0.0, priority=5)` [1].", 0.0),
        ("`put(name, payload, *, priority=5, delay=0.0)` [1].", 0.0),
        ("`put(name, payload=None)` [1].", 0.0),
        ("`put(name: int, payload=None, *, priority=5, delay=0.0)` [1].", 0.0),
        ("`put(name, *, payload=None, priority=5, delay=0.0)` [1].", 0.0),
        ("`stop(args, now=False, **rest)` [2].", 0.0),
        ("`Queue(directory=None, lock=None)` [4].", 0.0),
        ("`claim(names=None, lease=3)` [3].", 0.0),
        # tricks
        ("`run(limit=None)` [1].", 0.0),
        ("`run(limit=None)`.", 0.0),
        ("`Queue.run(limit=None)` [2].", 0.0),
        ("“Add a job” as “put(anything)” [1].", 0.0),
        ("`put(name, payload=None, *, priority=5, delay=0.0)` or `put(everything)` [1].", 0.0),
        ("`enqueue(name)` [1].", 0.0),
        ("`laim(names=None)` [3].", 0.0),
        ("put(name): pass\ndef put(name) [1].", 0.0),
    ],
)
def test_a_stated_signature_is_that_of_a_cited_definition(text: str, value: float | None) -> None:
    assert signatures_match(Q, read(text)).value == value


HOSTILE = [
    "```",
    "```python\n",
    "`",
    "``a`",
    "a.",
    "a(",
    "f(a=",
    "f((",
    "“",
    "“`a`” [1]. ",
    "A `b` [1-4]. ",
    "```python\nx.y()\n```\n",
    "~~~\n",
    "``` ` ",
    ">>> x\n",
    "def put(",
    "'\"",
    " \t",
]


@pytest.mark.parametrize("scorer", [symbols_exist, code_parses, signatures_match])
@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_linear_time(scorer: object, piece: str) -> None:
    def spent(count: int) -> float:
        answer = read(piece * count)
        start = time.process_time()
        scorer(Q, answer)  # type: ignore[operator]
        return time.process_time() - start

    short = spent(3000 // len(piece))
    long = spent(24000 // len(piece))
    assert long < 24 * short + 0.3


def test_a_fence_within_a_line_of_code_does_not_close_a_block() -> None:
    assert [b.code for b in blocks('```python\ns = "```"\nx = 1\n```\nDone.')] == ['s = "```"\nx = 1\n']
