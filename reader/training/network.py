"""The network that is trained: an encoder with one linear layer on top.

The reader's encoder is MiniLM (6 layers, 384 dimensions, from all-MiniLM-L6-v2). A teacher's is MPNet
(12 layers, 768 dimensions, from all-mpnet-base-v2; Song et al. 2020, "MPNet: Masked and Permuted Pre-training
for Language Understanding"). Both cut text into the same words, so that a teacher's score of a token is a score of
the reader's token at the same place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, BertModel, MPNetModel, PreTrainedConfig
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.mpnet.modeling_mpnet import MPNetSelfAttention

from reader.training.examples import CLS, SEP

_NO_ATTENTION = -1e4
_MPNET_FIRST, _MPNET_PADDING, _MPNET_END, _MPNET_WORDS = 0, 1, 2, 4

Scores = tuple[Tensor, Tensor, Tensor]
"""Start and end ``(batch, tokens)``, answerability ``(batch,)``."""


class SpanNetwork(nn.Module):
    """An encoder with a start and an end score per token, and one score per window for whether it answers."""

    def __init__(self, encoder: BertModel | MPNetEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.config.hidden_size, 3)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def hidden(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """The encoder's last layer ``(batch, tokens, dimensions)``; the arguments are ``(batch, tokens)``, int64."""
        if self.encoder.config._attn_implementation == "sdpa":  # given whole, or a GPU is asked what it masks and waits
            attention_mask = attention_mask[:, None, None, :].bool()
        last: Tensor = self.encoder(input_ids, attention_mask, token_type_ids).last_hidden_state
        return last

    def scores(self, hidden: Tensor) -> Scores:
        """Scores before masking, of ``(batch, tokens, dimensions)``."""
        start, end, answers = self.head(hidden).unbind(-1)  # each (batch, tokens)
        return start, end, answers[:, 0]

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Scores:
        """``scores`` of ``hidden``."""
        return self.scores(self.hidden(input_ids, attention_mask, token_type_ids))


class MPNetEncoder(nn.Module):
    """MPNet behind BERT's inputs.

    MPNet's vocabulary is BERT's behind four words of its own: ``<s>``, ``<pad>``, ``</s>``, ``<unk>``. It knows no
    token types: the first ``</s>`` tells the question from the window.

    What its attention adds to the scores, places and padding, is the same in all layers: it is made once, and
    each layer's attention is one fused operation.
    """

    def __init__(self, mpnet: MPNetModel) -> None:
        super().__init__()
        self.mpnet = mpnet
        self.config = mpnet.config
        layers: Any = mpnet.encoder.layer  # a ModuleList, which does not say of what
        for layer in layers:
            layer.attention.attn = _FusedAttention(layer.attention.attn)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, _: Tensor) -> BaseModelOutput:
        """What MPNet gives, of BERT's ids ``(batch, tokens)``."""
        ids = torch.where(input_ids == CLS, _MPNET_FIRST, input_ids + _MPNET_WORDS)
        ids = torch.where(input_ids == SEP, _MPNET_END, ids)
        ids = torch.where(attention_mask == 0, _MPNET_PADDING, ids)
        hidden: Tensor = self.mpnet.embeddings(ids)
        padding = attention_mask[:, None, None, :] == 0  # (batch, 1, 1, tokens)
        places: Tensor = self.mpnet.encoder.compute_position_bias(hidden)  # type: ignore[no-untyped-call] # transformers
        bias = places.masked_fill(padding, _NO_ATTENTION)
        if torch.is_autocast_enabled(hidden.device.type):
            bias = bias.to(torch.get_autocast_dtype(hidden.device.type))
        for layer in self.mpnet.encoder.layer:
            (hidden,) = layer(hidden, None, bias)
        return BaseModelOutput(last_hidden_state=hidden)


class _FusedAttention(nn.Module):
    """The attention of a layer of MPNet as one operation of PyTorch's: the same parameters, the same result."""

    def __init__(self, attention: MPNetSelfAttention) -> None:
        super().__init__()
        self.heads: int = attention.num_attention_heads
        self.q, self.k, self.v, self.o = attention.q, attention.k, attention.v, attention.o

    def forward(self, hidden: Tensor, _mask: None, bias: Tensor, **_: object) -> tuple[Tensor]:
        """Of ``(batch, tokens, dimensions)`` and what is added to the scores, ``(batch, heads, tokens, tokens)``."""
        batch, tokens, dimensions = hidden.shape
        query, key, value = (
            part(hidden).view(batch, tokens, self.heads, -1).transpose(1, 2) for part in (self.q, self.k, self.v)
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        return (self.o(mixed.transpose(1, 2).reshape(batch, tokens, dimensions)),)


def build_network(start: Path, dropout: float = 0.0) -> SpanNetwork:
    """The network with the encoder's weights of the folder ``start``, BERT's or MPNet's by its ``config.json``.

    Word embeddings stay as they are: rare words that the training questions never show keep their
    meaning, and a step costs less.
    """
    config = AutoConfig.from_pretrained(start, hidden_dropout_prob=dropout, attention_probs_dropout_prob=0.0)
    network = _kind(config).from_pretrained(start, config=config, add_pooling_layer=False, attn_implementation="eager")
    return _spans(network)


def load_network(folder: Path) -> SpanNetwork:
    """The network of a folder that ``train`` wrote: ``reader.pt`` and its encoder's ``config.json``."""
    config = AutoConfig.from_pretrained(folder, attn_implementation="eager")
    network = _spans(_kind(config)(config, add_pooling_layer=False))
    network.load_state_dict(torch.load(folder / "reader.pt", map_location="cpu", weights_only=True))
    return network


def _kind(config: PreTrainedConfig) -> type[BertModel] | type[MPNetModel]:
    return MPNetModel if config.model_type == "mpnet" else BertModel


def _spans(encoder: BertModel | MPNetModel) -> SpanNetwork:
    encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    return SpanNetwork(MPNetEncoder(encoder) if isinstance(encoder, MPNetModel) else encoder)
