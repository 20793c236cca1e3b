"""What the systems beside ours make of a question."""

from __future__ import annotations

from pathlib import Path

from answering.answerer import Answerer
from answering.types import Ask, Turn
from evals.gold import GoldQuestion
from evals.systems import RetrievalOnly, ask_of_its_article
from retrieval.types import Filters

SAID = (Turn("user", "When did the tunnel open?"), Turn("assistant", "1954"))


def test_retrieval_alone_searches_for_what_a_follow_up_means(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    for name in ("tunnel", "bridge"):
        (tmp_path / "corpus" / f"{name}.txt").write_text(f"The {name} opened late. It cost much.", encoding="utf-8")
    with Answerer.open(tmp_path / "index", threads=1, create=True) as answerer:
        answerer.index_folder(tmp_path / "corpus")
        retrieval = RetrievalOnly(answerer.store, 1)
        meant = retrieval.ask(Ask("What did the tunnel cost?")).hits
        assert retrieval.ask(Ask("What did it cost?", SAID)).hits == meant
        assert retrieval.ask(Ask("What did it cost?", SAID, rewrite=False)).hits != meant


def test_a_follow_up_asked_of_its_article_keeps_its_history() -> None:
    gold = GoldQuestion("cost", "What did it cost?", ("much",), "tunnel", None, "what", history=SAID)
    assert ask_of_its_article(gold) == Ask("What did it cost?", SAID, Filters(articles=("tunnel",)))
