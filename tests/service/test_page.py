from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from answering.types import Reason
from service.pages import PAGE

FILES = sorted(file.name for file in PAGE.iterdir())
SCRIPTS = [name for name in FILES if name.endswith(".js")]
MOST_BYTES = 100_000


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


def test_a_part_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/page.js").headers["etag"]
    again = client.get("/page.js", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/page.css", headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/articles", "/articles/treaty/pact?sha256=00", "/articles/no%20such", "/?q=How+long%3F"]
)
def test_every_address_of_the_page_is_the_page(client: TestClient, path: str) -> None:
    assert client.get(path).content == (PAGE / "index.html").read_bytes()


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
        # A namespace is a name, and a comment is no request.
        text = re.sub(
            r"http://www\.w3\.org/2000/svg|^// http.*", "", (PAGE / file).read_text("utf-8"), flags=re.MULTILINE
        )
        assert not re.search(r"https?://\w|@import|url\(|[\"'`]//", text)


@pytest.mark.parametrize("name", SCRIPTS)
def test_texts_reach_the_page_as_text_only(name: str) -> None:
    script = (PAGE / name).read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(|srcdoc", script)


def test_every_script_is_fetched_at_once(elements: _Elements) -> None:
    named = [attributes["href"] for _, attributes in elements.found if attributes.get("rel") == "modulepreload"]
    assert named == [f"/{name}" for name in SCRIPTS if name != "page.js"]


def test_the_question_has_a_label_and_the_answer_is_announced(elements: _Elements) -> None:
    labelled = {attributes.get("for") for tag, attributes in elements.found if tag == "label"} - {None}
    assert labelled == {attributes.get("id") for tag, attributes in elements.found if tag == "textarea"}
    assert any(attributes.get("role") == "status" for _, attributes in elements.found)


def test_the_page_has_words_for_every_reason() -> None:
    script = (PAGE / "answer.js").read_text("utf-8")
    assert {name for name in Reason if f"  {name}: " in script} == set(Reason)


def test_the_page_is_small() -> None:
    assert sum((PAGE / name).stat().st_size for name in FILES) <= MOST_BYTES


def test_a_reader_without_scripts_is_told_of_another_way() -> None:
    [told] = re.findall(r"<noscript>(.*?)</noscript>", (PAGE / "index.html").read_text("utf-8"))
    assert "/v1/chat" in told
