"""What reading one file may cost, and what the process that reads may do at all.

The limits hold against files, not against plugins: a plugin is code that somebody installed. Where the kernel lets a
process leave the network, native code has none either; the audit hook holds what Python does everywhere.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from typing import Any

MIB = 1024 * 1024
OPEN_FILES = 256
_NEW_NETWORK, _NEW_USER, _DIE_WITH_PARENT = 0x40000000, 0x10000000, 1
_PROGRAMS = frozenset({"os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "pty.spawn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The price of one file. A bomb is small, so an honest big file is given more."""

    seconds: float = 30
    """On the clock, and of CPU."""
    memory: int = 1024 * MIB
    """Bytes of address space above what the process holds before its first file."""
    output: int = 200 * MIB
    """Bytes of documents as JSON."""
    written: int = 64 * MIB
    """Bytes of the longest file that a reader may write."""

    def for_size(self, size: int) -> Limits:
        """The limits of a file of `size` bytes.

        >>> Limits().for_size(10 * MIB).seconds
        40.0
        """
        return Limits(
            seconds=self.seconds + size / MIB,
            memory=self.memory + 8 * size,
            output=self.output + 4 * size,
            written=self.written + size,
        )


def confine() -> None:
    """Give up, for good, what no reader needs. Called once, before the first file."""
    import resource

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    if sys.platform == "linux":
        _leave()
    sys.addaudithook(_refuse)


def bound(baseline: int, limits: Limits) -> None:
    """Let the next file cost no more than this."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + limits.seconds) + 1
    _soft(resource.RLIMIT_CPU, seconds)
    _soft(resource.RLIMIT_AS, baseline + limits.memory)
    _soft(resource.RLIMIT_FSIZE, limits.written)


def unbound() -> None:
    """Free again, to answer."""
    import resource

    for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE):
        _soft(kind, resource.getrlimit(kind)[1])


def address_space() -> int:
    """Bytes of address space that this process holds."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:
            return int(stream.read().split()[0]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 256 * MIB


def _soft(kind: int, value: int) -> None:
    import resource

    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _leave() -> None:
    """Leave the network where the kernel permits; end with the parent. In this order: leaving resets the other."""
    import ctypes

    libc = ctypes.CDLL(None)
    libc.unshare(_NEW_USER | _NEW_NETWORK)
    libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Neither network nor programs. Local pairs of sockets, which event loops need, and the host's name do no harm."""
    if event.startswith("socket."):
        local = event == "socket.__new__" and len(arguments) > 1 and arguments[1] == 1
        refused = not local and event != "socket.gethostname"
    else:
        refused = event in _PROGRAMS or event == "subprocess.Popen"
    if refused:
        raise PermissionError(f"a reader may not use {event}: documents are read without network and other programs")
