"""What leaving passages unread is worth, by hand."""

from __future__ import annotations

from answering.chooser import AnswerChooser
from corpus.types import Article, Passage, Span
from evals.gold import GoldQuestion
from evals.turns import Full, Policy, judged
from reader.turns import Turns
from reader.types import Candidate
from retrieval.types import Hit

TEXTS = ("It is Kazan", "It is Baku", "It is Minsk", "So it is Kazan")
ARTICLES = {str(at): Article(str(at), "t", text) for at, text in enumerate(TEXTS)}


class Shelf:
    """The four articles."""

    def article(self, article_id: str) -> Article | None:
        return ARTICLES.get(article_id)

    def contents_digest(self) -> str:
        return "0" * 16

    def unknown_words(self, _: str) -> list[str]:
        return []


def full(answer: str, log_odds: tuple[float, ...]) -> Full:
    hits, found = [], {}
    for (name, article), each in zip(ARTICLES.items(), log_odds, strict=True):
        whole = Span(0, len(article.text))
        passage = Passage(name, 0, whole, article.text, (whole,))
        span = Span(article.text.rindex(" ") + 1, len(article.text))
        hits.append(Hit(passage, 1, 0.0))
        found[passage.id] = [Candidate(passage, span, span.slice(article.text), 0.0, None, each)]
    return Full(GoldQuestion(answer, "Where is it?", (answer,), None, None, "where"), hits, found)


def test_what_is_left_unread_is_neither_cited_nor_answered() -> None:
    # Kazan is sure at once and right; in the second question Minsk, unread, would have been right.
    questions = [full("Kazan", (2.0, -1.0, -1.0, 2.0)), full("Minsk", (2.0, -1.0, 4.0, 1.0))]
    chooser = AnswerChooser(Shelf(), 0.5)
    assert judged(questions, chooser, Turns()) == Policy(read=1.0, em=1.0, f1=1.0, citations=1.5)
    assert judged(questions, chooser, Turns(first=2, sure=2.0)) == Policy(read=0.75, em=0.5, f1=0.5, citations=2.0)
