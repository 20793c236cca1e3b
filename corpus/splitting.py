"""Sentences, and passages of about 100 words made of whole sentences: spans, never copies.

The splitter is our own because offsets must survive any text. It is one pass over the stops of
each block of lines, with the rules news needs: abbreviations, initials, decimals, quotes after the
full stop, ellipses, and scripts that write no spaces. It does not look anything up in the text again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from corpus.types import Article, Passage, Span

_LONGEST_SENTENCE_WORDS = 160
_PIECE_WORDS = 100
_LONGEST_WORD_CHARS = 24
_MOST_SENTENCES = 50
_MID_PARAGRAPH_COST = 0.05

_LINE = re.compile("[^\n\x0c\u2028\u2029]+")
_LIST_ITEM = re.compile(r"(?:[-*•▪◦‣·–—]|\(?\d{1,2}[.)])\s")

_CJK_STOPS = "。！？｡"
_STOP = re.compile(rf"([.!?…‽؟۔।॥{_CJK_STOPS}]+)([\"'”’»›)\]}}」』）】]*(?:\[\d{{1,3}}\])*)")
_LEAD = re.compile(r"\s*[\"'“”‘’„«‹(\[{¿¡—–-]*")
_NOT_BLANK = re.compile(r"\S")
_NEXT_WORD = re.compile(r"\w{1,16}")
_OPENERS = "\"'“”‘’„«‹([{¿¡"

# Scripts without spaces: a Chinese or Japanese character is about a word (and a token to the
# models), six characters of Thai, Lao, Khmer, Burmese or Tibetan are.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK_TRAIL = "\u3001-\u301f\uff01-\uff0f\uff1a-\uff20\u3099\u309a\ufe00-\ufe0f\u0300-\u036f"
_UNSPACED = "\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff"
_WORD = re.compile(f"[{_CJK}][{_CJK_TRAIL}]*|[{_UNSPACED}]{{1,6}}|[^\\s{_CJK}{_UNSPACED}]{{1,{_LONGEST_WORD_CHARS}}}")


def _word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Never the end of a sentence: a name or a number follows.
_TITLES = _word_set(
    "adm amb atty brig capt cmdr col cpl det dr fr ft gen gov hon insp lt maj messrs mgr mlle mm mme mr mrs ms mt "
    "pres prof pvt rep revd rev rt sec sen sgt st supt e.g i.e cf vs viz approx ca"
)
# Not the end where a figure follows.
_BEFORE_FIGURES = _word_set("art ch fig figs jan feb mar apr jun jul aug sep sept oct nov dec no nos op p para pp vol")
# May end a sentence, and does only if the next word commonly begins one; so too initials and "U.S.".
_MAYBE = _word_set("al bros co corp dept est etc inc jr ltd plc sr univ")
_STARTERS = _word_set(
    "a about according after all also although an and another as asked at because before both but by despite during "
    "each earlier even every experts for from he her here his how however i if in indeed it its last later many "
    "meanwhile more most my no not now of officials on once one only other our people she since so some still such "
    "that the their then there these they this those though through to today two under until we what when where which "
    "while who why with yesterday yet you your"
)


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of ``text``, in order: together they hold every non-blank character once.

    A blank line ends a sentence. So does a line's end, unless the sentence runs on (the next line
    begins in lower case, or the text is hard-wrapped and the next word would not have fitted). A
    sentence of more than 160 words, which is no sentence, is cut between words into pieces of at
    most 150. Linear in the length of the text.
    """
    return tuple(
        piece
        for block in _blocks(text)
        for sentence in _block_sentences(text, block)
        for piece in _pieces(text, sentence)
    )


def split(article: Article, *, target_words: int = 100) -> tuple[Passage, ...]:
    """Cut ``article`` into passages of about ``target_words`` words, each of whole sentences.

    Of all cuts the one with the least cost is taken: a passage costs the square of its relative
    distance from the target, and a little more if it ends inside a paragraph. So the lengths
    balance and no scrap is left at the end (optimal line breaking: Knuth and Plass, 1981).
    Passages do not overlap, and every non-blank character lies in exactly one.

    Raises:
        ValueError: if ``target_words`` is below 1.
    """
    if target_words < 1:
        raise ValueError(f"a passage needs target_words of at least 1, got {target_words}")
    spans = sentences(article.text)
    bounds = [*_best_starts(article.text, spans, target_words), len(spans)]
    passages = []
    for number, (first, end) in enumerate(pairwise(bounds)):
        span = Span(spans[first].start, spans[end - 1].end)
        passages.append(Passage(article.id, number, span, span.slice(article.text), spans[first:end]))
    return tuple(passages)


def _best_starts(text: str, spans: tuple[Span, ...], target: int) -> list[int]:
    """The number of the first sentence of each passage, for the cut of least cost."""
    if not spans:
        return []
    words = [_count_words(text, span) for span in spans]
    cost = [0.0]  # cost[i]: the least for the first i sentences
    begins = [0]  # begins[i]: where the last passage of that cut begins
    for end in range(1, len(spans) + 1):
        whole = end == len(spans) or "\n" in text[spans[end - 1].end : spans[end].start]
        best, best_begin, total = float("inf"), end - 1, 0
        for begin in range(end - 1, max(-1, end - 1 - _MOST_SENTENCES), -1):
            total += words[begin]
            if total > 1.6 * target and begin < end - 1:
                break
            here = cost[begin] + (total / target - 1) ** 2
            if here < best:
                best, best_begin = here, begin
        cost.append(best + (0.0 if whole else _MID_PARAGRAPH_COST))
        begins.append(best_begin)
    starts = []
    end = len(spans)
    while end:
        end = begins[end]
        starts.append(end)
    return starts[::-1]


def _blocks(text: str) -> Iterator[Span]:
    """Stretches of lines that no sentence crosses the end of; neither end is blank."""
    lines = [line for found in _LINE.finditer(text) if len(line := _trimmed(text, found.start(), found.end()))]
    width = _wrap_width(lines)
    begin = 0
    for number, line in enumerate(lines):
        if number + 1 == len(lines) or not _runs_on(text, line, lines[number + 1], width):
            yield Span(lines[begin].start, line.end)
            begin = number + 1


def _wrap_width(lines: list[Span]) -> int:
    """The column at which the text is hard-wrapped, or 0 if it is not."""
    width = max(map(len, lines), default=0)
    full = sum(len(line) >= 0.85 * width for line in lines)
    return width if 40 <= width <= 120 and len(lines) >= 4 and full >= 0.4 * len(lines) else 0


def _runs_on(text: str, line: Span, following: Span, width: int) -> bool:
    """Whether the end of ``line`` is a place where a sentence was wrapped, not where one ended."""
    if text.count("\n", line.end, following.start) != 1 or _LIST_ITEM.match(text, following.start):
        return False
    if text[following.start].islower() or text[line.end - 1] == ",":
        return True
    space = text.find(" ", following.start, following.end)
    next_word_chars = (following.end if space < 0 else space) - following.start
    return bool(width) and len(line) + 1 + next_word_chars > width


def _block_sentences(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    for stop in _STOP.finditer(text, block.start, block.end):
        if stop.end() < block.end and _ends_sentence(text, start, stop, block.end):
            yield Span(start, stop.end())
            following = _NOT_BLANK.search(text, stop.end(), block.end)
            start = following.start() if following else block.end
    yield Span(start, block.end)


def _ends_sentence(text: str, start: int, stop: re.Match[str], block_end: int) -> bool:
    """Whether a sentence that begins at ``start`` ends with ``stop``."""
    marks, closers = stop.groups()
    if any(mark in _CJK_STOPS for mark in marks):
        return True
    if not text[stop.end()].isspace():
        return False
    lead = _LEAD.match(text, stop.end(), block_end)
    after = lead.end() if lead else stop.end()
    following = text[after : after + 1]
    if _STOP.match(following):  # ". . ." is one ellipsis
        return False
    if marks != "." or closers:
        return not following.islower()
    return _full_stop_ends(_word_before(text, start, stop.start()), text, start, stop.start(), after)


def _full_stop_ends(word: str, text: str, start: int, stop: int, after: int) -> bool:
    """Whether a full stop at ``stop``, behind ``word``, ends a sentence; the next word begins at ``after``."""
    lower = word.lower()
    following = text[after : after + 1]
    abbreviated = lower in _TITLES or lower in _BEFORE_FIGURES or lower in _MAYBE
    if following.islower():  # in text that lost its capitals a full word still ends a sentence
        return not abbreviated and len(word) >= 4 and word.isalpha() and word == lower
    if lower in _TITLES or (following.isdigit() and lower in _BEFORE_FIGURES):
        return False
    if word.isdigit() and len(word) <= 3 and start + len(word) == stop:  # "1. The first point"
        return False
    initials = all(len(part) == 1 and part.isalpha() for part in word.split("."))
    if (initials and not (len(word) == 1 and word == lower)) or lower in _MAYBE:
        found = _NEXT_WORD.match(text, after)
        return found is not None and found[0].lower() in _STARTERS
    return True


def _word_before(text: str, start: int, stop: int) -> str:
    """The word that ends at ``stop``, without opening quotes; at most its last 24 characters."""
    before = text[max(start, stop - _LONGEST_WORD_CHARS) : stop]
    if not before or before[-1].isspace():
        return ""
    return before.split()[-1].lstrip(_OPENERS)


def _pieces(text: str, sentence: Span) -> Iterator[Span]:
    """The sentence itself, or, if it is too long to be one, pieces of it cut between words."""
    # A word is at least one character, so most sentences need no counting.
    if len(sentence) <= _LONGEST_SENTENCE_WORDS or _count_words(text, sentence) <= _LONGEST_SENTENCE_WORDS:
        yield sentence
        return
    words = [found.span() for found in _WORD.finditer(text, sentence.start, sentence.end)]
    count = -(-len(words) // _PIECE_WORDS)
    start = sentence.start
    for number in range(1, count):
        at = number * len(words) // count
        # A run without spaces counts as several words: step back to where it begins, unless it fills half a piece.
        whole = next((k for k in range(at, at - _PIECE_WORDS // 2, -1) if _begins_word(words, k)), at)
        yield _trimmed(text, start, words[whole][0])
        start = words[whole][0]
    yield Span(start, sentence.end)


def _begins_word(words: list[tuple[int, int]], k: int) -> bool:
    """Whether ``words[k]`` begins a word, and does not carry on an overlong one."""
    begin, end = words[k - 1]
    return end < words[k][0] or end - begin < _LONGEST_WORD_CHARS


def _count_words(text: str, span: Span) -> int:
    return len(_WORD.findall(text, span.start, span.end))


def _trimmed(text: str, start: int, end: int) -> Span:
    """``[start, end)`` without blank characters at either end; empty, at ``end``, if all are blank."""
    piece = text[start:end]
    start = end - len(piece.lstrip())
    return Span(start, max(start, start + len(piece.strip())))
