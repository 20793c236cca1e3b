"""The reader in Haystack pipelines, over this project's documents and anybody else's."""

from __future__ import annotations

from haystack import Document, Pipeline

from reader.component import PassageReader
from tests.reader.conftest import SmallModel

ARTICLE = "Talks were short. The treaty lasts 20 years, said Putin in Moscow."


def ours() -> Document:
    start = ARTICLE.index("The treaty")
    meta = {
        "article_id": "news/pact",
        "number": 1,
        "start": start,
        "end": len(ARTICLE),
        "sentences": [[start, len(ARTICLE)]],
    }
    return Document(id="news/pact#1", content=ARTICLE[start:], meta=meta)


def test_offsets_are_carried_into_the_article(small_model: SmallModel) -> None:
    result = PassageReader(str(small_model.int8)).run("how long does it last?", [ours()])
    assert result["candidates"]
    for candidate in result["candidates"]:
        assert candidate.span.slice(ARTICLE) == candidate.text
        assert candidate.passage.article_id == "news/pact"
        assert [s.slice(ARTICLE) for s in candidate.passage.sentences] == [ARTICLE[18:]]


def test_haystack_answers_point_into_their_document(small_model: SmallModel) -> None:
    documents = [ours(), Document(content="Putin signed it in Moscow.", meta={"start": "no number", "page": 3})]
    answers = PassageReader(str(small_model.int8)).run("who signed?", documents)["answers"]
    assert {answer.document.id for answer in answers} == {document.id for document in documents}
    for answer in answers:
        offset = answer.document_offset
        assert answer.document.content[offset.start : offset.end] == answer.data
        assert 0 <= answer.score <= 1
        assert answer.query == "who signed?"


def test_candidates_of_all_documents_come_best_first(small_model: SmallModel) -> None:
    documents = [ours(), Document(content="Putin signed it."), Document(content="")]
    reader = PassageReader(str(small_model.int8), per_document=2)
    alone = [reader.run("who signed?", [document])["candidates"] for document in documents]
    assert [len(found) for found in alone] == [2, 1, 0]  # of the second nothing but a full stop is left
    candidates = reader.run("who signed?", documents)["candidates"]
    assert candidates == sorted((one for found in alone for one in found), key=lambda one: -one.log_odds)


def test_it_stands_in_a_pipeline_and_survives_being_written_down(small_model: SmallModel) -> None:
    pipeline = Pipeline()
    pipeline.add_component("reader", PassageReader(str(small_model.int8), threads=1, per_document=2))
    read = {"reader": {"query": "how long?", "documents": [ours()]}}
    before = pipeline.run(read)["reader"]["candidates"]
    again = Pipeline.loads(pipeline.dumps(), allowed_modules=["reader.component"])
    assert again.run(read)["reader"]["candidates"] == before


def test_no_document_gives_no_answer(small_model: SmallModel) -> None:
    result = PassageReader(str(small_model.int8)).run("who?", [])
    assert result["answers"] == result["candidates"] == []
