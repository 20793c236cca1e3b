"""Which articles on a cluster tell one story: found by the same rules as in a file (``retrieval.stories``)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from qdrant_client import models

from corpus.types import Article
from retrieval.qdrant.cluster import FINGERPRINTS, Cluster
from retrieval.qdrant.points import EDITION, article_key
from retrieval.stories import same_story, to_compare

# Of articles that share a run of words with one; a run that more share is boilerplate.
_MOST_READ: Final = 2_000


def story_of(cluster: Cluster, article: Article, marks: Sequence[int]) -> dict[str, str]:
    """The articles that tell the story of ``article``, and their editions, by their ids.

    Args:
        cluster: to be asked.
        article: it need not be stored; what is stored under its id does not count.
        marks: its fingerprints.
    """
    if not marks:
        return {}
    sharing = models.FieldCondition(key=FINGERPRINTS, match=models.MatchAny(any=list(marks)))
    fields = models.PayloadSelectorInclude(include=["id", EDITION, FINGERPRINTS])
    shared, editions = {}, {}
    for record in islice(cluster.scroll(cluster.articles, models.Filter(must=[sharing]), fields), _MOST_READ):
        held = record.payload or {}
        if held["id"] != article.id:
            shared[held["id"]] = (len(set(marks).intersection(held[FINGERPRINTS])), len(held[FINGERPRINTS]))
            editions[held["id"]] = held[EDITION]
    likely = to_compare(shared, len(marks))
    texts = ((key, _text(cluster, key)) for key in likely)
    return {key: editions[key] for key in same_story(article.text, texts)}


def _text(cluster: Cluster, article_id: str) -> str:
    """The text of an article; empty for one that is gone by now."""
    found = cluster.get(cluster.articles, [article_key(article_id)], ["text"])
    return str(found[0]["text"]) if found else ""
