"""The page of a run: whole, escaped, and asking nobody for anything."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from corpus.types import Article
from evals.charts import bars, histogram, line_chart
from evals.report import marked, report_page
from evals.runner import Place
from tests.evals.conftest import record, row

HOSTILE = '<script>alert("x")</script><img src=x onerror=y> & </style>'
ARTICLE = Article("a", HOSTILE, f"It opened in 1932. {HOSTILE} It closed in 1933.")


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs


def page() -> str:
    text = ARTICLE.text
    gold, said = text.index("1932"), text.index("1933")
    wrong = replace(
        row(HOSTILE, em=0.0, answer=HOSTILE),
        kind=HOSTILE,
        gold=(HOSTILE,),
        places=(Place("a", gold, gold + 4),),
        cited=(Place("a", said, said + 4),),
    )
    return report_page(replace(record(row("fine"), wrong), system=HOSTILE), [ARTICLE])


def test_text_of_others_is_never_markup() -> None:
    tags = Tags(page())
    assert {"script", "img"} & set(tags.seen) == set()
    assert not any(name.startswith("on") for name, _ in tags.attributes)
    assert tags.seen.count("style") == 1


def test_nothing_is_fetched() -> None:
    tags = Tags(page())
    assert {"link", "iframe", "object", "audio", "video"} & set(tags.seen) == set()
    assert {name for name, _ in tags.attributes} & {"src", "href", "action"} == set()
    style = re.search(r"<style>(.*?)</style>", page(), re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_a_wrong_answer_is_shown_in_its_article_and_a_right_one_is_not() -> None:
    shown = page()
    assert '<mark class="gold">1932</mark>' in shown
    assert '<mark class="said">1933</mark>' in shown
    assert "fine?" not in shown
    assert "Not an exact match: 1" in shown


def test_overlapping_places_are_marked_as_both() -> None:
    html = marked("in the year 1932 AD", [Place("a", 7, 16)], [Place("a", 12, 19)])
    assert html == (
        '<p>in the <mark class="gold">year </mark><mark class="both">1932</mark><mark class="said"> AD</mark></p>'
    )


def test_what_lies_far_from_both_is_left_out() -> None:
    text = "a" * 50 + "GOLD" + "b" * 500 + "SAID" + "c" * 50
    html = marked(text, [Place("a", 50, 54)], [Place("a", 554, 558)], around=5)
    assert html == (
        '<p>… aaaaa<mark class="gold">GOLD</mark>bbbbb …</p><p>… bbbbb<mark class="said">SAID</mark>ccccc …</p>'
    )


@pytest.mark.parametrize(
    "chart",
    [
        line_chart("A & <b>", [(0.0, 0.0), (1.0, 1.0)], "x <", "y &", diagonal=True),
        line_chart("empty", [], "x", "y"),
        histogram("times", [0.0, 5.0, 10.0], "ms"),
        histogram("none", [], "ms"),
        bars("kinds", [("<who>", 0.5, "50 %"), ("more", 1.5, "150 %")]),
        bars("none", []),
    ],
)
def test_every_chart_is_well_formed_and_inside_its_frame(chart: str) -> None:
    svg = ElementTree.fromstring(chart)  # noqa: S314 - made here
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    for mark in svg.iter("rect"):
        assert 0 <= float(mark.attrib["x"]) <= float(mark.attrib["x"]) + float(mark.attrib["width"]) <= width
        assert 0 <= float(mark.attrib["y"]) + float(mark.attrib["height"]) <= height


def test_a_bar_is_as_high_as_its_count() -> None:
    svg = ElementTree.fromstring(histogram("t", [1.0, 1.0, 10.0], "ms", bins=2))  # noqa: S314 - made here
    low, high = (float(bar.attrib["height"]) for bar in svg.iter("rect"))
    assert low == pytest.approx(2 * high, abs=0.2)


def test_no_word_is_torn_at_the_ends_of_a_stretch() -> None:
    html = marked("before disorder in 1932 afterwards ever", [Place("a", 19, 23)], [], around=9)
    assert html == '<p>… in <mark class="gold">1932</mark> …</p>'


def test_a_share_that_can_be_answered_comes_with_its_bar_where_there_is_one() -> None:
    good = report_page(record(row("a", confidence=0.75), row("b", em=0.0, confidence=0.25)), [ARTICLE])
    assert "50.0 %, from 0.750 on" in good
    bad = report_page(record(row("b", em=0.0, confidence=0.25)), [ARTICLE])
    assert "0.0 %" in bad
    assert ", from" not in bad


def test_a_run_without_a_question_still_has_a_page() -> None:
    assert "Not an exact match: 0" in report_page(record(), [])
