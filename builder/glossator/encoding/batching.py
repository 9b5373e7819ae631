"""Batches of rows of one length, computed side by side on a thread each: nothing is padded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Barrier
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices of rows of equal length, the shortest first; at most `budget` tokens together, or one row.

    >>> list(batches([3, 9, 3, 3], budget=8))
    [[0, 2], [3], [1]]
    """
    alike: dict[int, list[int]] = defaultdict(list)
    for index, length in enumerate(lengths):
        alike[length].append(index)
    for length, indices in sorted(alike.items()):
        size = rows_of(length, budget)
        yield from (indices[at : at + size] for at in range(0, len(indices), size))


def rows_of(length: int, budget: int) -> int:
    """Rows of that length in a full batch.

    >>> rows_of(3, 8), rows_of(9, 8)
    (2, 1)
    """
    return max(1, budget // max(length, 1))


def read_in_batches(
    read: Callable[[list[int]], Made], lengths: Sequence[int], budget: int
) -> Iterator[tuple[list[int], Made]]:
    """The batches of rows of these lengths, each with what `read` makes of it; read side by side."""
    plan = list(batches(lengths, budget))
    return zip(plan, side_by_side(read, plan), strict=True)


def side_by_side(work: Callable[[Given], Made], items: Iterable[Given]) -> Iterator[Made]:
    """What `work` makes of each item, in order: as many at a time as torch has threads, each on one thread.

    Products of small matrices gain little from a second thread, and their last bits depend on the number of threads.
    """
    return _pool().map(work, items)


@cache
def _pool() -> ThreadPoolExecutor:
    import torch

    threads = torch.get_num_threads()
    pool, all_here = ThreadPoolExecutor(threads, thread_name_prefix="batch"), Barrier(threads)

    def alone(_: int) -> None:
        torch.get_num_threads()  # a thread's first question sets its own number to the process's
        torch.set_num_threads(1)
        all_here.wait()

    list(pool.map(alone, range(threads)))
    torch.set_num_threads(threads)
    return pool
