"""The standard library as a source: docstrings and signatures, no bodies, nothing private, true line numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest

import glossator_code
import glossator_common
from glossator import Document, Host
from glossator.plan import Root, built_in_recipes, make_plan
from glossator.reading.sources import files_of
from glossator.stages.corpus import read_sources
from glossator_code.stdlib import URL, folder, read_stdlib

MODULE = '''"""What it is for."""

LIMIT = 3

@decorate
def put(name: str, *, delay: float = 0.0) -> None:
    """Add – a job."""
    secret = 1

def silent(): pass

def _hidden():
    """No."""

class Queue(Base):
    """Jobs."""
    kind = "q"

    def __init__(self, size=0):
        """Make one."""
        body()

    def __len__(self):
        """No."""

    @property
    def name(self): """One – line."""; return 1

class _Private:
    """No."""
    def shown(self):
        """No."""
'''


@pytest.fixture(scope="module")
def host() -> Host:
    return Host.of(common=glossator_common, code=glossator_code)


@pytest.fixture(scope="module")
def library(host: Host) -> list[Document]:
    """All documents of the running interpreter, read as a build reads them."""
    return read_sources([Root(path=folder(), loader=host.loaders["stdlib"])], host)


def test_signatures_and_docstrings_are_shown_without_bodies() -> None:
    (made,) = read_stdlib(MODULE.encode(), "pkg/mod.py")
    assert made.text == MODULE
    assert (made.title, made.family, made.source.licence, made.source.revised) == ("pkg.mod", "pkg", "PSF-2.0", None)
    assert made.source.url == URL
    assert [(unit.locator, made.text[unit.start : unit.end]) for unit in made.units] == [
        ("pkg.mod, line 1", '"""What it is for."""'),
        (
            "pkg.mod.put, lines 5-7",
            '@decorate\ndef put(name: str, *, delay: float = 0.0) -> None:\n    """Add – a job."""',
        ),
        ("pkg.mod.Queue, lines 15-16", 'class Queue(Base):\n    """Jobs."""'),
        ("pkg.mod.Queue.__init__, lines 19-20", '    def __init__(self, size=0):\n        """Make one."""'),
        ("pkg.mod.Queue.name, lines 26-27", '    @property\n    def name(self): """One – line."""'),
    ]


@pytest.mark.parametrize("text", ["x = 1\n", "def f(): pass\n", "def f(:\n", "", '""" """\n', "f'doc'\n"])
def test_a_module_that_documents_nothing_is_no_document(text: str) -> None:
    assert read_stdlib(text.encode(), "m.py") == []


def test_tests_tools_and_installed_packages_are_left_out(host: Host) -> None:
    parts = {
        part
        for path in files_of(Root(path=folder(), loader=host.loaders["stdlib"]))
        for part in path.relative_to(folder()).parts
    }
    assert not parts & {
        "test",
        "tests",
        "idlelib",
        "lib2to3",
        "turtledemo",
        "ensurepip",
        "site-packages",
        "__pycache__",
    }
    assert not any(part.startswith("config-") for part in parts)
    assert {"queue.py", "json", "asyncio"} <= parts


def test_what_everyone_asks_for_is_there(library: list[Document]) -> None:
    units = {unit.locator.partition(",")[0] for made in library for unit in made.units}
    assert {"queue.Queue.put", "json.dumps", "argparse.ArgumentParser", "textwrap.dedent", "heapq"} <= units
    assert any(unit.endswith("Path.read_text") for unit in units)


def test_every_unit_of_the_library_stands_at_its_lines_and_ends_with_a_literal(library: list[Document]) -> None:
    for made in library:
        lines = made.text.split("\n")
        for unit in made.units:
            text = made.text[unit.start : unit.end]
            first, _, last = unit.locator.rpartition(" ")[2].partition("-")
            assert lines[int(first) - 1].startswith(text.split("\n")[0])
            assert text.split("\n")[-1] in lines[int(last or first) - 1]
            assert text.endswith(("'", '"'))
        assert all(before.end <= after.start for before, after in pairwise(made.units))


def test_a_family_is_a_top_level_package(library: list[Document]) -> None:
    families = {made.id: made.family for made in library}
    assert families["json/decoder.py"] == families["json/__init__.py"] == "json"
    assert families["queue.py"] == "queue"


def test_the_recipes_of_this_domain_can_be_planned(host: Host) -> None:
    own = make_plan(built_in_recipes()["code"], host)
    library = make_plan(built_in_recipes()["stdlib"], host)
    assert own.sources == ()
    assert own.recipe.retrieval.lexical is not None
    assert own.recipe.retrieval.lexical.tokens == "identifiers"
    assert [(root.path, root.loader) for root in library.sources] == [(folder(), host.loaders["stdlib"])]
    assert library.recipe.sft is not None
    assert library.recipe.rl is None
