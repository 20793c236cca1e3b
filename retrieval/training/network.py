"""The networks that are trained and learned from: BERT's or MPNet's, with the mean over their tokens.

Both cut text into the same words: MPNet's vocabulary is BERT's behind four words of its own (``<s>``, ``<pad>``,
``</s>``, ``<unk>``; Song et al. 2020, "MPNet: Masked and Permuted Pre-training for Language Understanding").
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoConfig, BertModel, MPNetModel

CLS, SEP = 101, 102
_MPNET_FIRST, _MPNET_PADDING, _MPNET_END, _MPNET_WORDS = 0, 1, 2, 4


class SentenceNetwork(nn.Module):
    """A network and the mean over its tokens, scaled to length 1. Its word embeddings stay as they are."""

    def __init__(self, encoder: BertModel | MPNetModel) -> None:
        super().__init__()
        self.encoder = encoder
        encoder.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, ids: Tensor, attention: Tensor) -> Tensor:
        """BERT's ids and what is no padding, ``(batch, tokens)`` int64 twice, to ``(batch, dimensions)`` float32."""
        if isinstance(self.encoder, MPNetModel):
            ids = mpnet_ids(ids, attention)
        shown = attention
        if self.encoder.config._attn_implementation == "sdpa":  # given whole, or a GPU is asked what it masks and waits
            shown = attention[:, None, None, :].bool()
        tokens = self.encoder(ids, shown).last_hidden_state.float()  # (batch, tokens, dimensions)
        present = attention.unsqueeze(-1).to(tokens.dtype)  # (batch, tokens, 1)
        return nn.functional.normalize((tokens * present).sum(1) / present.sum(1), dim=-1)


def mpnet_ids(ids: Tensor, attention: Tensor) -> Tensor:
    """MPNet's ids for BERT's; both ``(batch, tokens)``."""
    own = torch.where(ids == CLS, _MPNET_FIRST, ids + _MPNET_WORDS)
    own = torch.where(ids == SEP, _MPNET_END, own)
    return torch.where(attention == 0, _MPNET_PADDING, own)


def load_network(folder: Path, attention: str = "eager") -> SentenceNetwork:
    """The network of a folder as transformers writes it, BERT's or MPNet's by its ``config.json``."""
    kind = MPNetModel if AutoConfig.from_pretrained(folder).model_type == "mpnet" else BertModel
    return SentenceNetwork(kind.from_pretrained(folder, add_pooling_layer=False, attn_implementation=attention))


def is_fast_at_bfloat16(device: torch.device) -> bool:
    """Whether its products are faster in bfloat16 than in float32; without AVX-512 they take thirty times as long."""
    return device.type != "cpu" or torch.backends.cpu.get_cpu_capability().startswith("AVX512")
