"""Questions made from passages by rule."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("torch", reason="the models extra is not installed")

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from reader.training.cloze import DATASET, with_cloze_questions
from reader.training.examples import Context, Labelled, Pool

TEXTS = (
    "The treaty was signed by both presidents at the Winter Palace in January. It lasts twenty years.",
    "Reporters waited in the snow. At the Winter Palace both presidents smiled after the treaty was read aloud.",
    "The harbour closed in January. Nobody at the Winter Palace knew of it.",
    "Both men praised the Lindqvist Bridge, which the county opened last spring. "
    "Later the county said that repairs of the Lindqvist Bridge would take all spring and cost too much.",
)
SUBJECTS = ("Winter Palace", "Lindqvist Bridge")


@pytest.fixture(scope="module")
def pool() -> Pool:
    words = sorted({word.lower() for text in TEXTS for word in re.findall(r"\w+|[^\w\s]", text)})
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token=words[0]))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    contexts = []
    for text in TEXTS:
        found = tokenizer.encode(text)
        starts, ends = zip(*found.offsets, strict=True)
        opens = (0, *(i for i in range(1, len(starts)) if text[ends[i - 1] - 1] == "." and i < len(starts)))
        contexts.append(Context(text, tuple(found.ids), starts, ends, opens))
    own = Labelled("towns", "Where?", 0, 0, 1)
    return Pool(tuple(contexts), (own,))


def answers(pool: Pool) -> list[tuple[str, str, str]]:
    """Each made question with its answer and the text that is left of its context."""
    found = []
    for made in pool.questions:
        if made.dataset == DATASET:
            context = pool.contexts[made.context]
            answer = context.text[context.starts[made.first] : context.ends[made.last]]
            shown = " ".join(context.text[s:e] for s, e in zip(context.starts, context.ends, strict=True))
            found.append((made.question, answer, shown))
    return found


def test_a_question_is_one_sentence_and_its_answer_stands_in_another(pool: Pool) -> None:
    made = answers(with_cloze_questions(pool, 100, seed=5))
    assert {answer for _, answer, _ in made} >= set(SUBJECTS)
    for question, answer, shown in made:
        assert question.endswith("?")
        assert re.search(r"\b(who|what|which|where|when|how)\b", question.lower()), question
        assert answer not in question
        assert answer in shown
        asked = set(re.findall(r"\w+", question.lower()))
        assert len(asked & set(re.findall(r"\w+", shown.lower()))) >= 2  # it is about what the passage is about


def test_the_sentence_that_asks_is_cut_out_of_its_own_passage(pool: Pool) -> None:
    made = [one for one in answers(with_cloze_questions(pool, 100, seed=5)) if one[1] == "Lindqvist Bridge"]
    assert made
    for question, answer, shown in made:
        assert shown.count(answer) == 1
        assert ("repairs" in question) != ("repairs" in shown)


def test_the_pool_s_own_questions_and_passages_stay_where_they_are(pool: Pool) -> None:
    more = with_cloze_questions(pool, 100, seed=5)
    assert more.contexts[: len(pool.contexts)] == pool.contexts
    assert more.questions[: len(pool.questions)] == pool.questions
    assert len(with_cloze_questions(pool, 1, seed=5).questions) == len(pool.questions) + 1


def test_the_draw_depends_on_the_seed_alone(pool: Pool) -> None:
    assert with_cloze_questions(pool, 100, seed=5) == with_cloze_questions(pool, 100, seed=5)
    drawn = {tuple(q.question for q in with_cloze_questions(pool, 100, seed).questions) for seed in range(5)}
    assert len(drawn) > 1
