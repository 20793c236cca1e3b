"""What the title and the day in front of a passage would be worth."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from answering.answerer import Answerer
from corpus.errors import GoldError
from corpus.splitting import split
from corpus.types import Article
from evals.fronts import Front, Fronted, figures, kept, main, ranked_with, read_with
from reader.span_reader import SpanReader
from retrieval.encoder import load_encoder
from retrieval.types import Hit

BRIDGE = Article(
    "bridge", "The bridge at Kelm", "It was opened by Mayor Ruth Adler in 1962.", published=date(2024, 3, 9)
)
TOWER = Article("tower", "The tower of Varn", "It was opened by Mayor John Pole in 1971.")


def row(key: str, front: Front, em: float, rank: int | None = 1) -> Fronted:
    return Fronted(key, front, rank, em, em)


def test_a_front_says_what_is_known() -> None:
    assert Front.NOTHING.of(BRIDGE) == ""
    assert Front.TITLE.of(BRIDGE) == "The bridge at Kelm. "
    assert Front.TITLE_AND_DAY.of(BRIDGE) == "The bridge at Kelm. 09 March 2024. "
    assert Front.TITLE_AND_DAY.of(TOWER) == "The tower of Varn. "


def test_spans_are_read_behind_the_front_and_stand_in_the_article() -> None:
    reader = SpanReader.load(threads=1)
    text = f"Kelm is a town. {BRIDGE.text}"
    article = Article("bridge", BRIDGE.title, text)
    passages = list(split(article))
    for front in ("", "The bridge at Kelm, praised by Mayor Ruth Adler. "):
        found = read_with(reader, "Who opened the bridge?", passages, [front] * len(passages))
        assert found
        assert all(candidate.span.slice(text) == candidate.text for candidate in found)
        assert {candidate.passage for candidate in found} <= set(passages)
        assert "Ruth Adler" in found[0].text


def test_an_empty_front_reads_as_the_reader_does() -> None:
    reader = SpanReader.load(threads=1)
    passages = list(split(BRIDGE))
    assert read_with(reader, "When?", passages, [""]) == reader.read("When?", passages, per_passage=6)[0]


def test_a_title_in_front_lifts_the_passage_it_fits() -> None:
    encoder = load_encoder(None, threads=1)
    hits = [Hit(split(article)[0], rank, 0.5) for rank, article in enumerate((TOWER, BRIDGE), start=1)]
    titles = [f"{article.title}. " for article in (TOWER, BRIDGE)]
    ranked = ranked_with(encoder, "Who opened the bridge at Kelm?", hits, titles)
    assert [(hit.passage.article_id, hit.rank, hit.score) for hit in ranked] == [("bridge", 1, 1.0), ("tower", 2, 0.0)]
    assert ranked_with(encoder, "Who?", [], []) == []


def test_scores_of_words_still_count_beside_the_front() -> None:
    encoder = load_encoder(None, threads=1)
    passages = [split(article)[0] for article in (TOWER, BRIDGE)]
    hits = [Hit(passages[0], 1, 1.0, bm25_score=2.0), Hit(passages[1], 2, 0.5, bm25_score=1.0)]
    ranked = ranked_with(encoder, "Who opened the bridge at Kelm?", hits, ["", "The bridge at Kelm. "])
    assert [hit.score for hit in ranked] == [0.5, 0.5]


def test_the_figures_by_hand() -> None:
    rows = [
        row("a", Front.NOTHING, 1.0),
        row("b", Front.NOTHING, 0.0, rank=6),
        row("a", Front.TITLE, 0.0, rank=None),
        row("b", Front.TITLE, 1.0, rank=2),
    ]
    found = figures(rows, depth=8)
    assert found[Front.NOTHING].answer_recall == {1: 0.5, 3: 0.5, 5: 0.5, 8: 1.0}
    assert found[Front.TITLE].answer_recall == {1: 0.0, 3: 0.5, 5: 0.5, 8: 0.5}
    assert (found[Front.TITLE].won, found[Front.TITLE].lost, found[Front.TITLE].em) == (1, 1, 0.5)
    assert (found[Front.TITLE_AND_DAY].questions, found[Front.TITLE_AND_DAY].em) == (0, None)


def test_the_command_goes_on_where_it_was_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Answerer.open(tmp_path / "index", threads=1, create=True) as answerer:
        for article in (BRIDGE, TOWER):
            answerer.put(article)
    questions = tmp_path / "questions.jsonl"
    asked = [("Who opened the bridge at Kelm?", "Ruth Adler"), ("Who opened the tower of Varn?", "John Pole")]
    questions.write_text("".join(json.dumps({"question": q, "answers": [a]}) + "\n" for q, a in asked))
    records = tmp_path / "rows" / "rows.jsonl"
    argv = ["--index", str(tmp_path / "index"), "--questions", str(questions), "--threads", "1"]
    argv += ["--records", str(records)]
    assert main(argv) == 0
    whole, first = records.read_text(), capsys.readouterr().out
    assert json.loads(first)["title"]["questions"] == len(asked)
    assert json.loads(first)["title"]["answer_recall"]["3"] == 1.0
    cut = whole.splitlines(keepends=True)
    # The second question's last line is cut in two: that question is asked again.
    records.write_text("".join(cut[:5]) + cut[5][:20])
    assert main(argv) == 0
    assert capsys.readouterr().out == first
    assert records.read_text() == whole


def test_other_rows_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "rows.jsonl"
    other.write_text('{"id": "a"}\n')
    with pytest.raises(GoldError, match="no rows of this command"):
        kept(other)
    assert kept(None) == kept(tmp_path / "none.jsonl") == []
