"""Which articles tell one story: found when an article is put, and kept in the index with it.

An article leaves about one in sixteen of its runs of three words behind as fingerprints: those whose hash is
divisible by sixteen, so that two texts sample alike and containment can be read off (Broder 1997; Manber 1994,
"Finding similar files in a large file system"). Articles that share some are compared sentence by sentence. They
tell one story where sentences that say the same, in the same order in both, hold most of one's words: a rewrite keeps
the order of what it rewrites, two reports on one event do not.

Whether two articles are one story depends on their texts alone, so the index holds the same pairs whatever was put
first. Two bounds on the work are the exceptions: a run of words that more than ``_MOST_ARTICLES`` articles share is
looked up in the first of them only, and after ``_MOST_MISSES`` articles in turn that tell another story no more are
compared, of which each shares less.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from corpus.splitting import sentences
from corpus.types import Article
from retrieval.copies import Pair, Sentence, telling, words

TOLD: Final = 0.7
_ALIKE: Final = 0.25
_SAMPLED: Final = 16
_FEWEST_SHARED: Final = 3
_LEAST_SHARED: Final = 0.15
_MOST_ARTICLES: Final = 64
_MOST_COMPARED: Final = 64
_MOST_MISSES: Final = 8
_MOST_CHARS: Final = 20_000  # the head of a text; a longer one is no wire story
# Odd, so that multiplying loses nothing; from the fractional part of the golden ratio (Knuth, TAOCP 3, 6.4).
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


def fingerprints(text: str) -> list[int]:
    """The sampled hashes of ``text``'s runs of three words: 32 bits each, ascending, about one for 16 words."""
    hashed = np.array([zlib.crc32(word.encode("utf-8")) for word in words(text[:_MOST_CHARS])], np.uint64)
    if len(hashed) < 3:
        return []
    runs = ((hashed[:-2] * _MIX + hashed[1:-1]) * _MIX + hashed[2:]) * _MIX
    # The high bits of a product depend on all bits of its factors, the low ones do not.
    sampled = np.unique(runs[runs >> np.uint64(60) == 0] >> np.uint64(28))
    return [int(run) for run in sampled]


def told(one: Sequence[Sentence], other: Sequence[Sentence]) -> float:
    """The share of the words of ``one``, 0 to 1, in sentences that ``other`` says as well, in the same order.

    Two sentences say the same where they share at least a quarter of the longer one's word pairs. Of all chains of
    such sentences that ascend in both texts the one with most words counts (heaviest increasing subsequence).
    """
    standing: defaultdict[Pair, list[int]] = defaultdict(list)
    for at, saying in enumerate(other):
        for pair in saying.pairs:
            standing[pair].append(at)
    heaviest = [0] * (len(other) + 1)  # heaviest[j]: words of the best chain within the first j of other
    for saying in one:
        shared = Counter(at for pair in saying.pairs for at in standing.get(pair, ()))
        same = [at for at, n in shared.items() if n >= _ALIKE * max(len(saying.pairs), len(other[at].pairs))]
        # From the end, so that a sentence is used once; what lies after a raised place is raised with it.
        for at in sorted(same, reverse=True):
            weight = heaviest[at] + saying.words
            for j in range(at + 1, len(heaviest)):
                if heaviest[j] >= weight:
                    break
                heaviest[j] = weight
    total = sum(saying.words for saying in one)
    return heaviest[-1] / total if total else 0.0


def one_story(one: Sequence[Sentence], other: Sequence[Sentence]) -> bool:
    """Whether two texts tell one story: most words of one stand in sentences that both say, in the same order."""
    return told(one, other) >= TOLD or told(other, one) >= TOLD


def saying(text: str) -> list[Sentence]:
    """What the sentences of a text say, as far as it is looked at."""
    head = text[:_MOST_CHARS]
    return telling(head, sentences(head))


def to_compare(shared: Mapping[str, tuple[int, int]], held: int) -> list[str]:
    """Of the articles that share runs of words with one, the ids of those to compare it with, likeliest first.

    Args:
        shared: how many fingerprints each shares, and how many it has, by its id.
        held: how many the one has.
    """
    likely = {key: (both, own) for key, (both, own) in shared.items() if both >= _FEWEST_SHARED}
    shares = [(both / min(own, held), key) for key, (both, own) in likely.items()]
    ordered = sorted(shares, key=lambda one: (-one[0], one[1]))
    return [key for share, key in ordered if share >= _LEAST_SHARED][:_MOST_COMPARED]


def same_story(text: str, others: Iterable[tuple[str, str]]) -> list[str]:
    """The ids of those of ``others``, ids and texts, that tell the story of ``text``; no more are taken than needed."""
    found: list[str] = []
    said: list[Sentence] | None = None
    misses = 0
    for other_id, other_text in others:
        said = saying(text) if said is None else said
        if one_story(said, saying(other_text)):
            found.append(other_id)
            misses = 0
        elif (misses := misses + 1) == _MOST_MISSES:
            break
    return found


def note(connection: sqlite3.Connection, article: Article) -> None:
    """Write the fingerprints of an article that was just written, and with which others it tells one story."""
    marks = fingerprints(article.text)
    likely = to_compare(_shared(connection, marks), len(marks))
    texts = (connection.execute("SELECT text FROM articles WHERE id = ?", (key,)).fetchone()[0] for key in likely)
    for other_id in same_story(article.text, zip(likely, texts, strict=True)):
        pairs = [(article.id, other_id), (other_id, article.id)]
        connection.executemany("INSERT INTO stories (article_id, other_id) VALUES (?, ?)", pairs)
    connection.executemany(
        "INSERT INTO fingerprints (mark, article_row) SELECT ?, row FROM articles WHERE id = ?",
        [(mark, article.id) for mark in marks],
    )


def _shared(connection: sqlite3.Connection, marks: Sequence[int]) -> dict[str, tuple[int, int]]:
    """How many of ``marks`` articles share, and how many they have, by their ids."""
    shared: Counter[int] = Counter()
    for mark in marks:
        found = connection.execute(
            "SELECT article_row FROM fingerprints WHERE mark = ? LIMIT ?", (mark, _MOST_ARTICLES)
        )
        shared.update(row for (row,) in found)
    rows = connection.execute(
        "SELECT a.id, a.row, (SELECT count(*) FROM fingerprints f WHERE f.article_row = a.row)"
        " FROM articles a WHERE a.row IN (SELECT value FROM json_each(?))",
        (json.dumps([row for row, count in shared.items() if count >= _FEWEST_SHARED]),),
    )
    return {article_id: (shared[row], held) for article_id, row, held in rows}


def told_by(connection: sqlite3.Connection, article_ids: Iterable[str]) -> dict[str, list[str]]:
    """For each of these articles that has any: the ids of those it tells one story with, in order."""
    found = connection.execute(
        "SELECT article_id, other_id FROM stories WHERE article_id IN (SELECT value FROM json_each(?)) ORDER BY 1, 2",
        (json.dumps(sorted(set(article_ids))),),
    )
    others: defaultdict[str, list[str]] = defaultdict(list)
    for article_id, other_id in found:
        others[article_id].append(other_id)
    return dict(others)
