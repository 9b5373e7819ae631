"""What can go wrong, as a tree. Each error is also its standard-library kin, so `except ValueError` keeps working.

GlossatorError
├── InputError          (ValueError)    something the user gave is wrong: says what, where, what to do
│   ├── RecipeError                     one or many problems of a recipe, each with line and column
│   ├── CorpusError                     documents that cannot be read
│   │   └── NoTextError                 documents that can be read and hold no text, for example pages of images
│   ├── QuestionsError                  gold questions that cannot be read, or that leak
│   ├── BundleError                     a bundle that is missing, changed or incomplete
│   └── OutputError                     the output folder holds something else
├── NotInstalledError   (ImportError)   an extra is missing: names the command that installs it
├── ServerError         (ConnectionError)  a server that the user named cannot be asked: names its address
├── PluginError         (RuntimeError)  a plugin failed or clashes: names the plugin
└── StageError          (RuntimeError)  a stage could not finish: names the stage
    └── StorageError    (OSError)       the disk refused: names the path
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager


class GlossatorError(Exception):
    """Base of every error glossator raises on purpose; the command line prints it without a traceback."""


class InputError(GlossatorError, ValueError):
    """Something the user gave is wrong."""


class RecipeError(InputError):
    """All problems of one recipe at once; `problems` holds one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems

    def __reduce__(self) -> tuple[type[RecipeError], tuple[list[str]]]:
        return RecipeError, (self.problems,)


class CorpusError(InputError):
    """A document or a corpus cannot be used."""


class NoTextError(CorpusError):
    """A document can be read and holds no text; the message says why."""


class QuestionsError(InputError):
    """Gold questions cannot be used."""


class BundleError(InputError):
    """A bundle is missing, changed or incomplete."""


class OutputError(InputError):
    """The output folder holds something else."""


class NotInstalledError(GlossatorError, ImportError):
    """An optional dependency is missing."""


class ServerError(GlossatorError, ConnectionError):
    """A server that the user named does not answer as it should."""


class PluginError(GlossatorError, RuntimeError):
    """A plugin failed or clashes with another."""


class StageError(GlossatorError, RuntimeError):
    """A stage could not finish."""


class StorageError(StageError, OSError):
    """The disk refused a write."""


@contextmanager
def boundary(what: str) -> Iterator[None]:
    """Foreign code runs inside; whatever it raises comes out once, named after `what`.

    >>> with boundary("plugin 'insurance'"):
    ...     1 / 0
    Traceback (most recent call last):
    ...
    glossator.errors.PluginError: plugin 'insurance' raised ZeroDivisionError: division by zero
    """
    try:
        yield
    except GlossatorError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(f"{what} raised {type(error).__name__}: {error}") from error


@contextmanager
def stage_boundary(stage: str) -> Iterator[None]:
    """Name the stage that failed; a full disk becomes a StorageError that says what to do."""
    try:
        yield
    except GlossatorError:
        raise
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise StageError(f"stage {stage!r}: {type(error).__name__}: {error}") from error
        raise StorageError(
            f"stage {stage!r}: the disk refused to write {error.filename or 'a file'} ({error.strerror}); "
            "free space and run the same command again, finished stages are kept"
        ) from error
    except Exception as error:
        raise StageError(f"stage {stage!r} failed: {type(error).__name__}: {error}") from error
