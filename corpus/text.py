"""The one normalisation: NFC, LF line ends, no byte-order mark, nothing that cannot be stored."""

from __future__ import annotations

import re
import unicodedata

_BOM = "\ufeff"
# NUL ends a string in too many tools, and a lone surrogate has no UTF-8 form to hash or to send.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def normalise(text: str) -> str:
    """Bring ``text`` to the form every offset refers to.

    CRLF and lone CR become LF, a leading byte-order mark goes, NUL and lone
    surrogates become U+FFFD, and the rest is put in Unicode Normalisation Form C (Unicode
    Standard Annex 15). Idempotent.
    """
    text = text.lstrip(_BOM).replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNSTORABLE.sub(_REPLACEMENT, text))
