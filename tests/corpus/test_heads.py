from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings

from corpus.heads import Head, parse_date, read_head
from tests.corpus.files import odd_texts

BODY = "\n\nThe leaders met in the capital in February 2022. They talked for long, and signed on 3 March 2022.\n"
JAN_17 = date(2025, 1, 17)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (" date 2025-01-17 President A signed a pact.", Head(None, JAN_17, None)),
        ("A short headline\nPublished On 17 Jan 2025", Head("A short headline", JAN_17, None)),
        (
            "A and B sign a 20-year pact 28/01/2025 | Ann Example",
            Head("A and B sign a 20-year pact", date(2025, 1, 28), None),
        ),
        ("28/01/2025 | Ann Example", Head(None, date(2025, 1, 28), None)),
        ("A short headline\nJanuary 17, 2025", Head("A short headline", JAN_17, None)),
        ("A short headline\nFriday, 17 Jan 2025 10:30 GMT | By Ann Example", Head("A short headline", JAN_17, None)),
        ("A short headline\nBy Ann Example, January 17, 2025", Head("A short headline", JAN_17, None)),
        ("A short headline\nBy Ann Example, Northern Agency", Head("A short headline", None, "Northern Agency")),
        ("By Ann Example, Staff Writer\nA short headline", Head("A short headline", None, None)),
        ("By Ann Example\nA short headline", Head("A short headline", None, None)),
        ("Source: Northern Times\nTitle: A short headline", Head("A short headline", None, "Northern Times")),
        ("TEHRAN (Northern Agency) — The talks ended.", Head(None, None, "Northern Agency")),
        ("MOSCOW, January 17, 2025 (NAG) — The talks ended.", Head(None, JAN_17, "NAG")),
        ("MOSCOW, January 17. /NAG/. The talks ended.", Head(None, None, "NAG")),
        ("MOSCOW — On Friday, President A signed a pact.", Head(None, None, None)),
        ("# A heading of markdown\n\n2025-01-17", Head("A heading of markdown", JAN_17, None)),
        ("新的协议签署\n2025年1月17日", Head("新的协议签署", JAN_17, None)),
        ("Pact signed on 17 January 2025", Head("Pact signed on 17 January 2025", None, None)),
        ("On 17 January 2025 the leaders met.", Head(None, None, None)),
        ("A short headline\nUpdated 17 January 2025", Head("A short headline", None, None)),
        ("A wrapped line of prose that has no headline before\nit goes on here.", Head(None, None, None)),
        ("(ABC) The talks ended.", Head(None, None, "ABC")),
        ("ABC —", Head(None, None, None)),
        ("Ann Example", Head(None, None, None)),
        ("", Head(None, None, None)),
    ],
)
def test_a_head_says_what_stands_in_it_and_no_more(head: str, expected: Head) -> None:
    assert read_head(head + BODY) == expected


def test_an_ambiguous_date_gives_way_to_a_plain_one() -> None:
    assert read_head("A short headline\n03/04/2025 | Ann\nPublished 4 March 2025" + BODY).published == date(2025, 3, 4)
    assert read_head("A short headline\nDate: 03/04/2025" + BODY).published is None


def test_a_date_far_below_is_not_the_day_of_publication() -> None:
    assert read_head("A short headline\n\n" + "The leaders met. " * 50 + "\n\n17 January 2025\n").published is None


def test_a_headline_alone_is_an_article_without_one() -> None:
    assert read_head("Just these words").title is None


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("2025-01-17", JAN_17),
        ("2025-01-17T23:59:59+03:00", JAN_17),
        ("17.01.2025", JAN_17),
        ("1/17/2025", JAN_17),
        ("05/05/2025", date(2025, 5, 5)),
        ("Jan. 17th, 2025", JAN_17),
        ("17-Jan-2025", JAN_17),
        ("Friday, January 17, 2025 5:30 p.m. ET", JAN_17),
        ("17. Januar 2025", JAN_17),
        ("17 de enero de 2025", JAN_17),
        ("17 января 2025", JAN_17),
        ("03/04/2025", None),
        ("31/02/2025", None),
        ("31 February 2025", None),
        ("2025-01", None),
        ("January 2025", None),
        ("January 17", None),
        ("17/01/25", None),
        ("yesterday", None),
        ("Room 12, 2025", None),
        ("", None),
        (" " * 100_000, None),
    ],
)
def test_a_date_is_read_only_if_it_is_whole_and_has_one_reading(phrase: str, day: date | None) -> None:
    assert parse_date(phrase) == day


@settings(deadline=None)
@given(odd_texts())
def test_no_text_breaks_the_reading_of_its_head(text: str) -> None:
    head = read_head(text)
    assert head.title is None or head.title.strip()
