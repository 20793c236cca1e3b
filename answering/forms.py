"""What a question wants: one span, a sentence that settles it, or all the spans of a list. English, by rule.

The reader was trained on spans and does not say which it is. A question these rules miss is answered as
any other; one they take for a list by mistake gets more than one span only where the reader holds several
alike.
"""

from __future__ import annotations

import re
from enum import StrEnum

# "Is it", "Did they", also "isn't it"; not "May 2015 was …", which no verb opens.
_VERB = r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|must|may|might)(?:n[’']t)?\b"
# What ends in s and is no plural.
_SINGULAR = r"(?:is|was|has|does|this|its|his|gas|news|\w*us|\w*ss)\b"
_YES_NO = re.compile(rf"(?:and|so|but|or|then)?,?\s*{_VERB}(?!\s+\d)", re.IGNORECASE)
# A choice is answered by the one chosen: "Is it 10 or 20 years?"
_CHOICE = re.compile(r"\bor\b(?!\s+not\b)", re.IGNORECASE)
_LIST = re.compile(
    r"(?:list|name|enumerate)\b(?!\s+(?:one|a|an)\b)"
    r"|(?:what|which|who)\s+(?:all\s+)?(?:are|were|else)\b"
    rf"|(?:what|which)\s+(?:(?!{_VERB})\w*[^\Ws]\s+){{0,2}}?(?!{_SINGULAR})\w{{2,}}s\b"
    r"|who(?:\s+all)?\s+(?:signed|attended|joined|took\s+part|met|led|founded|wrote|spoke)\b",
    re.IGNORECASE,
)


class Form(StrEnum):
    """What kind of answer a question wants."""

    SPAN = "span"
    YES_NO = "yes_no"
    LIST = "list"


def form_of(question: str) -> Form:
    """The form of the answer ``question`` wants."""
    asked = question.strip().lstrip("\"'“”‘’(¿¡").lstrip()
    if _YES_NO.match(asked):
        return Form.SPAN if _CHOICE.search(asked) else Form.YES_NO
    return Form.LIST if _LIST.match(asked) else Form.SPAN
