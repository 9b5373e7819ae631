"""`glossator new` writes a whole plugin that is sound from the first minute, or nothing at all."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from glossator.domain import Domain
from glossator.errors import InputError, OutputError
from glossator.recipe import load_recipe
from glossator.scaffold import BUILT_IN, new

ROOT = Path(__file__).resolve().parents[1]

FILES = [
    ".copier-answers.yml",
    "README.md",
    "glossator_insurance/__init__.py",
    "glossator_insurance/content/DATASHEET.md",
    "glossator_insurance/content/corpus/ending-the-cover.md",
    "glossator_insurance/content/corpus/making-a-claim.md",
    "glossator_insurance/content/corpus/premiums.md",
    "glossator_insurance/content/corpus/what-is-covered.md",
    "glossator_insurance/content/domain.yaml",
    "glossator_insurance/content/gold/test.jsonl",
    "glossator_insurance/content/gold/train.jsonl",
    "glossator_insurance/content/policy.yaml",
    "glossator_insurance/content/prompts/abstention.txt",
    "glossator_insurance/content/prompts/system.txt",
    "glossator_insurance/py.typed",
    "glossator_insurance/scorers.py",
    "pyproject.toml",
    "recipes/insurance.yaml",
    "tests/test_plugin.py",
]

CHECK = """
import importlib, sys
import glossator_common
from glossator import Host
from glossator.testing import check_domain
for name in sys.argv[1:]:
    host = Host.of(common=glossator_common, **{name: importlib.import_module(f"glossator_{name}")})
    print(name, check_domain(host, name))
"""

CROWDED = """
import os, resource, sys
from pathlib import Path
from glossator.errors import OutputError
from glossator.scaffold import new
os.environ["PATH"] = ""    # no git, which the limit would kill
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    new("insurance", Path(sys.argv[1]))
except OutputError as error:
    print(error)
"""


def python(*arguments: str, path: list[Path], cwd: Path | None = None) -> str:
    """What a fresh interpreter prints with these folders on its path."""
    known = [str(folder) for folder in path] + [part for part in [os.environ.get("PYTHONPATH")] if part]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(known), "PIP_NO_INDEX": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], check=False, capture_output=True, text=True, env=environment, cwd=cwd
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_new_writes_exactly_these_files(tmp_path: Path) -> None:
    written = new("insurance", tmp_path)
    folder = tmp_path / "glossator-insurance"
    found = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert [path.as_posix() for path in found] == FILES
    assert list(written.files) == found
    assert list(tmp_path.iterdir()) == [folder]


def test_no_token_is_left_in_any_file(tmp_path: Path) -> None:
    new("home_care", tmp_path)
    texts = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    assert not any("{{" in text or "}}" in text or "{%" in text for text in texts)
    assert any("Home care: a domain for glossator" in text for text in texts)


def test_a_new_domain_is_sound_whatever_its_name(tmp_path: Path) -> None:
    names = ["insurance", "home_care", "true", "x", "n" * 40]
    for name in names:
        new(name, tmp_path)
    told = python("-c", CHECK, *names, path=[tmp_path / f"glossator-{name}" for name in names])
    assert told.splitlines() == [f"{name} []" for name in names]


def test_a_new_plugin_installs_and_passes_its_own_tests(tmp_path: Path) -> None:
    new("insurance", tmp_path)
    folder, site = tmp_path / "glossator-insurance", tmp_path / "site"
    pip = ["-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    python(*pip, "--target", str(site), str(folder), path=[])
    told = python("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", path=[site], cwd=folder)
    assert "2 passed" in told


def test_git_is_not_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert len(new("insurance", tmp_path).files) == len(FILES)


@pytest.mark.parametrize(
    "title",
    [
        *('a "quote"', "{{7*7}}", "{% raw %}", "{# no #}", "two\nlines", "back\\slash", "tab\tbed", "x" * 81),
        *("x" * 10_000, "", " ", " space around ", "\x1b[31mred", "\u202eturned", "half \ud83d", '"""', "\u2028"),
    ],
)
def test_a_title_that_a_file_could_not_hold_is_refused(title: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a title "):
        new("insurance", tmp_path, title=title)
    assert list(tmp_path.iterdir()) == []


def test_whatever_title_is_taken_stands_unchanged_in_a_sound_plugin(tmp_path: Path) -> None:
    titles = [
        *("It's # no: comment", "'''", "`id` $(id) $HOME", "<b>&amp;</b>", "🐝 Bienenkunde", "100 % of %s"),
        *("- list: [a, b]", "x" * 80, "null", "[tool.x] = 1", "養蜂", "!!python/object:os.system"),
    ]
    names = [f"title_{number}" for number in range(len(titles))]
    for name, title in zip(names, titles, strict=True):
        folder = new(name, tmp_path, title=title).folder
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert project["description"] == f"{title}: a domain for glossator"
        assert Domain.from_content(folder / f"glossator_{name}" / "content").title == title
        assert load_recipe(folder / "recipes" / f"{name}.yaml").data["name"] == name
    told = python("-c", CHECK, *names, path=[tmp_path / f"glossator-{name}" for name in names])
    assert told.splitlines() == [f"{name} []" for name in names]


@pytest.mark.parametrize("licence", ["", "free", "MIT\n", 'MIT"', "{{7*7}}", "MIT OR", "x" * 10_000])
def test_a_licence_that_no_build_takes_is_refused(licence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="licence"):
        new("insurance", tmp_path, licence=licence)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_licence_is_not_passed_on(tmp_path: Path) -> None:
    folder = new("insurance", tmp_path, licence="unknown").folder
    assert "license" not in tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_on_a_terminal_title_and_licence_are_asked_for_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def prompt(questions: list[dict[str, Any]], answers: dict[str, Any]) -> dict[str, Any]:
        name = questions[0]["name"]
        asked.append(name)
        assert questions[0]["validate"]("{{7*7}}") is not True
        return {name: {"title": "Fire and water", "licence": "MIT"}[name]}

    monkeypatch.setattr("copier._main.unsafe_prompt", prompt)
    folder = new("insurance", tmp_path, ask=True).folder
    assert asked == ["title", "licence"]
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["license"], project["description"]) == ("MIT", "Fire and water: a domain for glossator")


def test_the_recipe_of_a_new_plugin_is_a_recipe(tmp_path: Path) -> None:
    new("insurance", tmp_path)
    recipe = load_recipe(tmp_path / "glossator-insurance" / "recipes" / "insurance.yaml")
    assert (recipe.data["name"], recipe.data["domain"]) == ("insurance", "insurance")


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "a b", "a_", "_a", "1st", "Insurance", "café", "n" * 41, "insurance\n", "a.b", "a-b"),
        *("..", "../up", "/etc", "a/b", "a\\b", "a\0b", "$(id)", "`id`", "{{title}}", '"', "'; import os; '"),
        *("class", "None", "email", "sys", *sorted(BUILT_IN)),
    ],
)
def test_a_name_that_cannot_be_a_plugin_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"choose another name|cannot be a plugin's name"):
        new(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_hyphen_is_answered_with_the_underscore_form(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'home_care'"):
        new("home-care", tmp_path)


def test_the_names_of_all_built_in_plugins_are_taken() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["entry-points"]["glossator"]) <= BUILT_IN


def test_an_existing_folder_stays_as_it_is(tmp_path: Path) -> None:
    note = tmp_path / "glossator-insurance" / "mine.txt"
    note.parent.mkdir()
    note.write_text("months of work", encoding="utf-8")
    with pytest.raises(OutputError, match="exists"):
        new("insurance", tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [note]
    assert note.read_text(encoding="utf-8") == "months of work"


def test_a_link_to_nowhere_is_not_overwritten(tmp_path: Path) -> None:
    link = tmp_path / "glossator-insurance"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="exists"):
        new("insurance", tmp_path)
    assert list(tmp_path.iterdir()) == [link]


def test_the_command_line_says_so_with_exit_code_2(tmp_path: Path) -> None:
    new("insurance", tmp_path)
    for words in (["insurance"], ["a-b"], ["bees", "--title", "{{7*7}}"], ["bees", "--docs", "nowhere"]):
        command = [sys.executable, "-m", "glossator", "new", *words]
        done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error ")
    assert [path.name for path in tmp_path.iterdir()] == ["glossator-insurance"]


def test_a_missing_parent_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is not a folder"):
        new("insurance", tmp_path / "nowhere")


def test_a_disk_that_refuses_leaves_nothing_half_written(tmp_path: Path) -> None:
    told = python("-c", CROWDED, str(tmp_path), path=[])
    assert "cannot be written: File too large" in told
    assert list(tmp_path.iterdir()) == []
