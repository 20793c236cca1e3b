"""The stock Haystack pipeline runs, over models made on the spot."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="stock Haystack needs the models extra")
pytest.importorskip("sentence_transformers", reason="stock Haystack needs the models extra")
pytest.importorskip("haystack_integrations.components.readers.transformers", reason="needs the models extra")

import numpy as np
import torch
from haystack import Document, ExtractedAnswer
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing
from transformers import BertConfig, BertForQuestionAnswering, BertModel, PreTrainedTokenizerFast

from answering.types import Answered, Ask
from corpus.errors import ModelError
from corpus.splitting import split
from corpus.types import Article
from evals.measures import citation_is_exact
from evals.open_stock import Stock as OpenStock
from evals.open_stock import index_from_ours, index_with_cache
from evals.runner import evaluate
from evals.stock import StockPipeline
from evals.systems import Stock
from retrieval.store import SQLiteDocumentStore
from tests.evals.conftest import gold

DOCUMENTS = (
    ("bridge#0", "the bridge opened in 1932"),
    ("river#0", "the river is long and cold"),
    ("town#0", "a town by the river"),
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders of an encoder and of a reader, one random layer each."""
    folder = tmp_path_factory.mktemp("models")
    words = sorted({word for _, text in DOCUMENTS for word in text.split()} | {"when", "what", "?"})
    vocabulary = {word: at for at, word in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words))}
    raw = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106 - a token of text, no secret
    raw.normalizer, raw.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    raw.post_processor = BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=raw,
        pad_token="[PAD]",  # noqa: S106 - likewise
        unk_token="[UNK]",  # noqa: S106 - likewise
        cls_token="[CLS]",  # noqa: S106 - likewise
        sep_token="[SEP]",  # noqa: S106 - likewise
        mask_token="[MASK]",  # noqa: S106 - likewise
        model_max_length=64,
    )
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=512,
    )
    torch.manual_seed(13)
    for name, network in (("reader", BertForQuestionAnswering(config)), ("bert", BertModel(config))):
        network.save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    words_in = Transformer(str(folder / "bert"))
    SentenceTransformer(modules=[words_in, Pooling(words_in.get_embedding_dimension())]).save(str(folder / "encoder"))
    shutil.rmtree(folder / "bert")
    return folder / "encoder", folder / "reader"


def test_stock_haystack_answers_with_words_of_its_documents(models: tuple[Path, Path]) -> None:
    stock = StockPipeline(*models, top_k=2, threads=1)
    stock.warm_up()
    stock.index(DOCUMENTS)
    said = stock.ask("when the bridge opened?")
    assert said.insisted()
    assert any(said.insisted() in text for _, text in DOCUMENTS)
    assert said.text in ("", said.insisted())
    assert stock.ask("when the bridge opened?").insisted() == said.insisted()


def test_stock_haystack_over_no_document_says_nothing(models: tuple[Path, Path]) -> None:
    stock = StockPipeline(*models, top_k=2, threads=1)
    said = stock.ask("when?")
    assert (said.text, said.insisted()) == ("", "")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--torch-reader"):
        StockPipeline(tmp_path, tmp_path)


def test_stock_haystack_is_judged_like_ours(models: tuple[Path, Path]) -> None:
    articles = [Article(name.split("#", maxsplit=1)[0], name, text) for name, text in DOCUMENTS]
    stock = Stock(StockPipeline(*models, top_k=3, threads=1), articles)
    questions = [gold("when the bridge", "1932", articles[0]), gold("what is cold", None, articles[0])]
    rows = list(evaluate(stock, questions, {article.id: article for article in articles}))
    assert {row.status for row in rows} <= {"answered", "not_found"}
    assert all(row.exact for row in rows if row.status == "answered")
    assert rows[0].ranked is not None


def test_what_stock_haystack_answers_is_cited_where_it_stands() -> None:
    article = Article("bridge", "Bridge", "The bridge 🌉 opened in 1932. " * 12 + "It closed in 1999.")
    passage = list(split(article))[-1]

    class Says:
        def warm_up(self) -> None: ...

        def index(self, texts: Iterable[tuple[str, str]]) -> None:
            self.ids = [name for name, _ in texts]

        def answers(self, question: str) -> list[ExtractedAnswer]:
            start = passage.text.index("1999")
            document = Document(id=passage.id, content=passage.text)
            place = ExtractedAnswer.Span(start, start + 4)
            return [ExtractedAnswer(query=question, score=0.7, data="1999", document=document, document_offset=place)]

    outcome = Stock(Says(), [article]).ask(Ask("When did it close?"))  # type: ignore[arg-type]
    assert isinstance(outcome, Answered)
    (citation,) = outcome.answer.citations
    assert (citation.quote, outcome.answer.confidence) == ("1999", 0.7)
    assert citation_is_exact(citation, article)


def test_what_was_embedded_once_is_not_embedded_again(models: tuple[Path, Path], tmp_path: Path) -> None:
    passages = [passage for name, text in DOCUMENTS for passage in split(Article(name[:-2], name, text))]
    first, second = (StockPipeline(*models, top_k=2, threads=1) for _ in range(2))
    first.warm_up()
    index_with_cache(first, passages, tmp_path)
    (kept,) = tmp_path.iterdir()
    written = kept.stat().st_mtime_ns
    index_with_cache(second, passages, tmp_path)
    assert kept.stat().st_mtime_ns == written
    second.warm_up()
    traces = []
    for pipeline in (first, second):
        open_stock = OpenStock(pipeline, depth=3)
        open_stock.ask("when the bridge opened?")
        traces.append(open_stock.trace("when the bridge opened?"))
    assert traces[0] == traces[1]
    assert len(traces[0].hits) == 3
    assert traces[0].passage in {passage.id for passage in passages}


def test_stock_can_search_the_vectors_of_our_index(models: tuple[Path, Path], tmp_path: Path) -> None:
    stock = StockPipeline(*models, top_k=2, threads=1)
    stock.warm_up()
    vectors = np.asarray(stock.embed(text for _, text in DOCUMENTS), np.float32)
    with SQLiteDocumentStore(tmp_path / "index.sqlite", create=True) as ours:
        for (name, text), vector in zip(DOCUMENTS, vectors, strict=True):
            article = Article(name[:-2], name, text)
            ours.put_article(article, list(split(article)), vector[None])
        index_from_ours(stock, ours, [name[:-2] for name, _ in DOCUMENTS])
    assert {document.id for document in stock.retrieve("the river", 3)} == {name for name, _ in DOCUMENTS}
