"""The page in a real browser: a marker lights the very words it cites, filters filter, hostile text does nothing."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from glossator import Answer, Question, Span
from glossator.claims import Verdict
from glossator.evaluate import EvalReport, measure
from glossator.report import to_html
from glossator_common.scorers import SCORERS

from .conftest import ABSTENTION, asked, document, holding, passage, read

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no browser: install the packages chromium and chromium-driver"
)

EVIL = '</div><script>document.title = "owned"</script><img src=x onerror="document.title=\'owned\'">'
SAID = "Ferritin falls before the haemoglobin does in iron deficiency."
FILLER = " ".join(f"Iron is stored in ferritin, and sentence {n} says no more than that." for n in range(60))
BLOOD = document(f"{EVIL} {FILLER} {SAID} {FILLER} \u202e{EVIL}", title=f"Blood {EVIL}")
SILENCE = read(ABSTENTION, passage(BLOOD))
LIT = (255, 212, 0)


def report() -> EvalReport:
    """A wrong answer, an unsupported one, a silent one and a right one, the gold cutting the cited words in two."""
    half = holding(BLOOD, SAID).span
    gold = Span(document_id=half.document_id, start=half.start, end=half.start + 40)
    said = read(f"“{SAID}” [1] {EVIL}", passage(BLOOD))
    asking: list[tuple[Question, Answer, float]] = [
        (asked(gold, name="right", text=f"What falls first {EVIL}?"), said, 0.9),
        (asked(name="wrong", text="How high is the moon?"), said, 0.8),
        (asked(gold, name="unsupported"), said, 0.1),
        (asked(gold, name="silent"), SILENCE, 0.0),
    ]
    system = measure("rl", [q for q, _, _ in asking], [a for _, a, _ in asking], SCORERS)
    rows = tuple(
        row.model_copy(update={"verdicts": (Verdict(full=full),) * len(row.answer.statements)})
        for row, (_, _, full) in zip(system.rows, asking, strict=True)
    )
    return EvalReport(
        name="medical",
        lock="abc",
        questions=len(rows),
        unanswerable=1,
        source="gold",
        systems=(system.model_copy(update={"rows": rows}),),
        differences=(),
        gates={},
        missed_gates=(),
    )


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="no selenium: pip install 'glossator[dev]'")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync", "disable-dev-shm-usage", "force-device-scale-factor=1",
        f"user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):  # fmt: skip
        options.add_argument(f"--{flag}")
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER)) as driver:
        yield driver


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the page lies."""
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(to_html(report()), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: Any, address: str) -> Any:
    """The report in a wide window, freshly opened."""
    window(browser, 1280, 800)
    browser.get(address)
    return browser


def window(browser: Any, width: int, height: int) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def find(page: Any, selector: str) -> list[Any]:
    found: list[Any] = page.find_elements("css selector", selector)
    return found


def lit(page: Any) -> str:
    """The words that are lit."""
    words: str = page.execute_script(
        "return [...document.querySelectorAll('mark.lit')].map(m => m.textContent).join('')"
    )
    return words


def soon(happens: Callable[[], bool], what: str) -> None:
    """Wait for what a key or the history starts: the driver does not wait for either, as it does after a click."""
    until = time.monotonic() + 10
    while not happens():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def lit_pixels(page: Any, box: dict[str, float] | None = None) -> int:
    """Pixels of the highlight colour in what is on the screen, or in a box of it."""
    from PIL import Image

    screen = Image.open(io.BytesIO(page.get_screenshot_as_png())).convert("RGB")
    if box:
        screen = screen.crop(
            (round(box["x"]), round(box["y"]), round(box["x"] + box["width"]), round(box["y"] + box["height"]))
        )
    return sum(count for count, color in screen.getcolors(1 << 24) or [] if color == LIT)


def boxes(page: Any) -> list[dict[str, float]]:
    """Where the lit pieces are on the screen."""
    script = (
        "return [...document.querySelectorAll('mark.lit')].flatMap(m => [...m.getClientRects()].map(r => r.toJSON()))"
    )
    found: list[dict[str, float]] = page.execute_script(script)
    return found


def test_a_marker_lights_exactly_the_words_it_cites(page: Any) -> None:
    assert lit_pixels(page) == 0
    marker = find(page, "details:not(.wrong):not(.unsupported):not(.abstained) .cite")[0]
    page.execute_script("arguments[0].closest('details').open = true", marker)
    marker.click()
    pieces = find(page, "mark.lit")
    assert len(pieces) == 2, "the gold ends inside the cited words"
    assert lit(page) == SAID
    shown = boxes(page)
    assert all(box["top"] >= 0 and box["bottom"] <= 800 for box in shown), "scrolled to where it can be read"
    area = sum(box["width"] * box["height"] for box in shown)
    inside = sum(lit_pixels(page, box) for box in shown)
    assert inside > area / 2, "the words are lit on the screen"
    assert lit_pixels(page) == inside, "nothing else is"


def test_the_keyboard_does_what_the_mouse_does(page: Any) -> None:
    page.execute_script("document.querySelector('.cite').focus()")
    page.switch_to.active_element.send_keys("\ue007")
    soon(lambda: lit(page) == SAID, "the same words are lit")
    page.back()
    soon(lambda: not lit(page), "going back puts the light out")


@pytest.mark.parametrize(("name", "left"), [("wrong", 1), ("abstained", 1), ("unsupported", 1), ("all", 4)])
def test_a_filter_leaves_what_it_names(page: Any, name: str, left: int) -> None:
    find(page, f"[value={name}]")[0].click()
    assert len([card for card in find(page, ".card") if card.is_displayed()]) == left


def test_the_worst_answers_are_open_and_first(page: Any) -> None:
    assert [card.get_attribute("class").split()[1:] for card in find(page, ".card")] == [
        ["wrong"], ["unsupported"], ["abstained"], [],
    ]  # fmt: skip


def test_hostile_text_does_nothing_and_the_page_complains_of_nothing(page: Any) -> None:
    assert page.title == "Citation report" and not find(page, "img")
    assert page.get_log("browser") == []


def test_no_script_but_our_own_would_run(page: Any) -> None:
    page.execute_script(
        "const s = document.createElement('script'); s.textContent = 'document.title = 1'; document.body.append(s)"
    )
    assert page.title == "Citation report"
    assert "Content Security Policy" in page.get_log("browser")[0]["message"]


def test_a_narrow_window_does_not_overflow(page: Any) -> None:
    window(page, 400, 800)
    root = find(page, "html")[0]
    assert root.get_property("scrollWidth") <= root.get_property("clientWidth") <= 400


def test_the_page_is_read_without_scripts(page: Any) -> None:
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.refresh()
        assert lit_pixels(page) == 0
        find(page, ".cite")[0].click()
        assert lit_pixels(page) > 500, "the place that the link leads to is lit by style alone"
        find(page, "[value=abstained]")[0].click()
        assert len([card for card in find(page, ".card") if card.is_displayed()]) == 1
    finally:
        page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
