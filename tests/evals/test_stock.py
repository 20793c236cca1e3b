"""The stock Haystack pipeline runs, over models made on the spot."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="stock Haystack needs the models extra")
pytest.importorskip("sentence_transformers", reason="stock Haystack needs the models extra")
pytest.importorskip("haystack_integrations.components.readers.transformers", reason="needs the models extra")

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing
from transformers import BertConfig, BertForQuestionAnswering, BertModel, PreTrainedTokenizerFast

from corpus.errors import ModelError
from evals.stock import StockPipeline

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
