from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from answering.verifying import Claim, Status, Verdict, verify
from corpus.articles import article_from
from corpus.types import Article, Span

OLD = article_from("pact", "🖋 It was signed. It lasts 20 years. Then it ends.")


def claim_of(article: Article, quote: str, before: str = "", after: str = "") -> Claim:
    start = article.text.index(quote)
    return Claim(article.id, Span(start, start + len(quote)), quote, article.sha256, before, after)


def test_a_quote_at_its_place_in_the_same_text_is_exact() -> None:
    claim = claim_of(OLD, "20 years")
    assert verify(claim, OLD) == Verdict(Status.EXACT, claim.span)


def test_a_quote_in_a_text_that_changed_is_moved_even_where_it_stands_at_the_same_place() -> None:
    claim = claim_of(OLD, "20 years")
    assert verify(claim, article_from("pact", OLD.text + " So it is.")) == Verdict(Status.MOVED, claim.span)
    later = article_from("pact", "New. " + OLD.text)
    assert verify(claim, later) == Verdict(Status.MOVED, claim.span.shifted(5))


def test_what_was_around_it_decides_before_nearness() -> None:
    claim = claim_of(OLD, "20 years", before="It lasts ", after=".")
    changed = article_from("pact", "🖋 It was sealed. For 20 years. Signed, and much more was said: It lasts 20 years.")
    assert verify(claim, changed) == Verdict(Status.MOVED, Span(len(changed.text) - 9, len(changed.text) - 1))
    bare = Claim(claim.article_id, claim.span, claim.quote, claim.article_sha256)
    assert verify(bare, changed) == Verdict(
        Status.MOVED, Span(changed.text.index("20 years"), changed.text.index("20 years") + 8)
    )


def test_one_side_of_what_was_around_it_is_enough() -> None:
    claim = claim_of(OLD, "20 years", before="It lasts ", after=". Then")
    changed = article_from("pact", "For 20 years, as said. It lasts 20 years; no more.")
    assert verify(claim, changed) == Verdict(Status.MOVED, Span(32, 40))


def test_a_quote_that_does_not_stand_there_is_changed_and_an_article_that_is_gone_is_missing() -> None:
    claim = claim_of(OLD, "20 years")
    assert verify(claim, article_from("pact", "It lasts 25 years.")) == Verdict(Status.CHANGED)
    assert verify(claim, None) == Verdict(Status.MISSING)


def test_a_place_that_is_wrong_in_the_same_text_is_not_exact() -> None:
    for span in (Span(0, 8), Span(10**9, 10**12), Span(3, 3)):
        verdict = verify(Claim("pact", span, "20 years", OLD.sha256), OLD)
        assert verdict.status is Status.MOVED
        assert verdict.span is not None
        assert verdict.span.slice(OLD.text) == "20 years"


@given(st.text("ab ", min_size=1, max_size=30), st.text("ab ", min_size=1, max_size=3), st.integers(0, 40))
def test_a_quote_is_found_where_it_stands_nearest_or_not_at_all(text: str, quote: str, start: int) -> None:
    article = Article("a", "A", text)
    verdict = verify(Claim("a", Span(start, start + len(quote)), quote, "another"), article)
    places = [at for at in range(len(text)) if text.startswith(quote, at)]
    if not places:
        assert verdict == Verdict(Status.CHANGED)
        return
    assert verdict.span is not None
    assert verdict.span.slice(text) == quote
    least = min(abs(at - min(start, len(text))) for at in places)
    assert abs(verdict.span.start - min(start, len(text))) == least
