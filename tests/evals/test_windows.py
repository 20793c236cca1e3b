"""Other cuts of the same articles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.splitting import split
from corpus.types import Article
from evals.open_sets import read_news
from evals.windows import Cut, main, thinned
from tests.evals.open_samples import write_news

TEXT = " ".join(f"Sentence number {n} says nothing that any other one says." for n in range(40))
ARTICLE = Article("long", "Long", TEXT)


def test_without_overlap_the_cut_is_the_splitter_s() -> None:
    assert Cut(60, 0).of(ARTICLE) == list(split(ARTICLE, target_words=60))


@pytest.mark.parametrize("overlap", [1, 2])
def test_with_overlap_each_passage_begins_with_the_last_sentences_of_the_one_before(overlap: int) -> None:
    plain, cut = split(ARTICLE, target_words=60), Cut(60, overlap).of(ARTICLE)
    assert len(cut) == len(plain) > 3
    assert cut[0] == plain[0]
    for before, passage, longer in zip(plain, plain[1:], cut[1:], strict=False):
        assert longer.sentences == (*before.sentences[-overlap:], *passage.sentences)
        assert longer.text == TEXT[longer.span.start : longer.span.end]
        assert longer.text.endswith(passage.text)


def test_an_overlap_longer_than_a_passage_takes_all_of_it() -> None:
    plain, cut = split(ARTICLE, target_words=60), Cut(60, 99).of(ARTICLE)
    assert cut[1].span.start == plain[0].span.start
    assert cut[2].span.start == plain[1].span.start


def test_the_articles_asked_about_stay_when_others_are_left_out(tmp_path: Path) -> None:
    given = thinned(read_news(write_news(tmp_path)), articles=1, questions=2, seed=1)
    assert len(given.questions) == 2
    assert {question.article for question in given.questions} == {article.id for article in given.articles}
    more = thinned(read_news(tmp_path), articles=3, questions=2, seed=1)
    assert more.questions == given.questions
    assert len({article.id for article in more.articles}) == 3


def test_every_cut_is_measured_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "news").mkdir()
    news = write_news(tmp_path / "news")
    command = ["--news", str(news), "--words", "8", "30", "--read-words", "60", "--threads", "1"]
    command += ["--cache", str(tmp_path / "cache"), "--json"]
    assert main(command) == 0
    small, large = json.loads(capsys.readouterr().out)
    assert (small["cut"]["words"], small["read"], large["read"]) == (8, 8, 2)
    assert small["passages"] > large["passages"] == 4
    assert large["answer_recall"]["20"] == large["em"] == 1.0
    assert main(command) == 0
    again = json.loads(capsys.readouterr().out)
    assert [one["em"] for one in again] == [small["em"], large["em"]]
    assert main([*command[:-1], "--limit", "1"]) == 0
    assert "words / overlap" in capsys.readouterr().out
