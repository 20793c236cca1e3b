"""A passage's tokens without those that say little, which is what the encoder sees of it. Pure functions.

Articles, prepositions, auxiliaries, pronouns and marks are two fifths of an English text and next to nothing of its
subject. An encoder that was taught the vectors of whole passages from what is left (``training.distil``) takes half of
the time for them. A word is left out whole: not as the beginning of a longer one ("at" of "atrazine", which the
tokenizer writes "at ##raz ##ine").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# Not among them: what turns a statement round ("no", "not", "without"), compares ("more", "under"), orders in time
# ("before"), and what is also a month, a name or a country in small letters ("may", "will", "us").
WORDS: Final = tuple(
    # As one text, because a list of 130 strings cannot be read.
    """
    a about again also am an and any are as at be because been being both but by can could d did do does doing done
    during each either for from further had has have having he her here hers herself him himself his how i if in into
    is it its itself just ll m me might must my myself of off on once or other our ours ourselves out own re s shall
    she should so some such than that the their theirs them themselves then there these they this those through to too
    up upon ve very was we were what when where which while who whom whose why with within would you your yours
    yourself yourselves
    . , ; : ! ? ' " ( ) [ ] - – — ‘ ’ “ ” / ` …
    """.split()  # noqa: SIM905 (as said above)
)


@dataclass(frozen=True, slots=True)
class Shortening:
    """Which tokens are left out.

    Attributes:
        left_out: ``(vocabulary,)``, whether a token is one of the words.
        continues: ``(vocabulary,)``, whether a token goes on with the word before it.
        special: ``(vocabulary,)``, whether a token frames a text and is none of it.
    """

    left_out: NDArray[np.bool_]
    continues: NDArray[np.bool_]
    special: NDArray[np.bool_]

    def kept(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the tokens ``(tokens,)`` of one text are kept; all of a text that would have none."""
        goes_on = np.zeros(len(ids), np.bool_)
        goes_on[:-1] = self.continues[ids[1:]]
        kept: NDArray[np.bool_] = ~self.left_out[ids] | goes_on
        return kept if bool((kept & ~self.special[ids]).any()) else np.ones(len(ids), np.bool_)


def shortening(tokenizer: Any, words: Sequence[str]) -> Shortening:
    """What leaves out ``words``, as the tokenizer (of ``tokenizers``) numbers them; what is no token of it stays."""
    size = tokenizer.get_vocab_size()
    left_out, continues, special = (np.zeros(size, np.bool_) for _ in range(3))
    left_out[[number for word in words if (number := tokenizer.token_to_id(word)) is not None]] = True
    for token, number in tokenizer.get_vocab().items():
        continues[number] = token.startswith("##")
    special[[number for number, token in tokenizer.get_added_tokens_decoder().items() if token.special]] = True
    return Shortening(left_out, continues, special)
