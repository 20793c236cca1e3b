from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from answering.types import Reason
from service.api import PAGE

FILES = ["index.html", "page.css", "page.js", "icon.svg"]


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] in {"script", "style"} and data.strip():
            self.inline.append(data)


@pytest.fixture
def elements() -> _Elements:
    parser = _Elements()
    parser.feed((PAGE / "index.html").read_text("utf-8"))
    return parser


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript"), ("/icon.svg", "image/svg+xml")],
)
def test_the_page_and_its_parts_are_served(client: TestClient, path: str, kind: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(kind)
    assert response.content == (PAGE / (path[1:] or "index.html")).read_bytes()


def test_nothing_on_the_page_is_inline(elements: _Elements) -> None:
    assert elements.inline == []
    for _, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


def test_the_page_asks_nothing_of_any_other_machine(client: TestClient, elements: _Elements) -> None:
    for _, attributes in elements.found:
        for name in ("src", "href", "action", "srcset", "data"):
            address = attributes.get(name)
            if address is not None:
                assert re.match(r"/(?!/)", address)
                assert client.get(address).status_code == 200
    for file in FILES:
        text = (PAGE / file).read_text("utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?://\w|@import|url\(|[\"'`]//", text)


def test_texts_reach_the_page_as_text_only() -> None:
    script = (PAGE / "page.js").read_text("utf-8")
    assert "textContent" in script
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(", script)


def test_the_question_has_a_label_and_the_answer_is_announced(elements: _Elements) -> None:
    labelled = {attributes.get("for") for tag, attributes in elements.found if tag == "label"}
    assert labelled == {attributes.get("id") for tag, attributes in elements.found if tag == "input"}
    assert any(attributes.get("role") == "status" for _, attributes in elements.found)


def test_the_page_has_words_for_every_reason() -> None:
    script = (PAGE / "page.js").read_text("utf-8")
    assert {name for name in Reason if f"  {name}: " in script} == set(Reason)


def test_the_page_is_small() -> None:
    assert {file.name for file in PAGE.iterdir()} == set(FILES)
    assert sum(file.stat().st_size for file in PAGE.iterdir()) < 16_384
