"""The English that follow-ups are understood by: closed lists of words, each beside its use.

No list knows a topic. What is not in one of them counts as a word with content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# A word keeps inner points, hyphens and ampersands ("D.C", "20-year", "R&D"); an apostrophe starts a word of its own,
# so that "Iran's" is a name and an ending.
_WORD = re.compile(r"\w+(?:[.&\-–]\w+)*|['’]\w+|[^\w\s]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ASKING = _words("who whom whose what which when where why how")
TO_BE = _words("is are was were am isn aren wasn weren 's ’s")
# Where one of these stands, the verb itself stands in its base form behind the subject.
SUPPORT = _words("do does did can could will would shall should may might must don doesn didn couldn wouldn shouldn")
AUXILIARIES = TO_BE | SUPPORT | _words("has have had")
# What a question in English opens with, beside the two above.
COMMANDS = _words("tell describe explain give name list show compare")

PREPOSITIONS = _words(
    "in at to from on by with about into near for of between among against under over after before during since until"
    " through without within like as than inside outside around besides despite across behind per except"
)
PLACING = _words("in at to from near into inside outside around across")
DETERMINERS = _words("the a an this that these those his her its their my your our any some all both each every no")
PRONOUNS = _words(
    "he him she they them it i you we us me one ones there this that these those anyone anything someone something"
    " everyone everything nobody nothing himself herself itself themselves here mine yours"
)
# A pronoun behind one of these may stand for a name before it; behind none, it cannot ("Did Iran sign it?").
CLAUSES = _words("and or but when while if because that who which where after before since until why how to as though")
# Words that are no part of a name or of what is talked about, whatever stands beside them.
ADVERBS = _words(
    "not n't ’t 't ever never also too still now then so just only already again more most much many less least long"
    " often far else else's very exactly really first last currently today actually there here yet well even ago old"
    " later soon always usually other another same able such apart instead up out down off away back together main"
)
# Base forms, past forms and participles that no ending gives away.
VERBS = _words(
    "be been being go goes went gone get gets got make makes made take takes took taken give gives gave given say says"
    " said tell tells told think thought know knew known see saw seen come came become became find found leave left"
    " feel felt keep kept let begin began begun show shown hear heard run ran hold held bring brought write wrote"
    " written sit sat stand stood lose lost pay paid meet met set lead led read grow grew grown win won build built"
    " send sent fall fell cut rise rose risen drive drove driven buy bought wear wore choose chose chosen sing sang"
    " sung speak spoke spoken teach taught catch caught die born sell sold fight fought break broke broken put born"
    " happen work live sign mean meant want need use help start start end last include cover cost call say try ask"
    " move play believe like love compare receive join study learn change perform record release attack visit talk"
    " agree support plan think expect own produce create understand stop follow come open close serve spend spent"
    " contain apply differ become affect replace affected do does did done doing exist eat treat tour marry appear"
)
# An answer in the conversation that is none.
NO_ANSWER = re.compile(r"\W*(?:not found|i don.t know|no answer|i could not find|the articles do not)\b", re.IGNORECASE)

TITLES = _words("mr mrs ms dr sir lord lady president minister king queen prince princess pope general senator")
# "Was ist her?" opens like English and ends in a pronoun. Written small: "Das Boot" is a film.
FOREIGN = _words(
    "ist sind wer wie wann wo warum und der das den dem es er sie est qui quand quel quelle où pourquoi il elle qué"
    " cuándo dónde quién het een waar wanneer wat hij zij quando dove perché è"
)
# A noun for one person.
PEOPLE = TITLES | _words(
    "man woman boy girl father mother son daughter brother sister husband wife author actor actress singer writer"
    " director leader spokesman spokeswoman ambassador envoy chairman ceo founder coach captain pilot person player"
    " winner driver teacher doctor artist painter composer"
)
HE = _words("he him his")
SHE = _words("she her hers")
MALE = _words("mr sir lord king prince pope man boy father son brother husband actor spokesman")
FEMALE = _words("mrs ms lady queen princess woman girl mother daughter sister wife actress spokeswoman")
# A capitalised word that makes a run of names no person.
NO_PERSON = _words(
    "university college school institute academy church court council committee commission parliament congress senate"
    " ministry department agency bank company corporation corp inc ltd group party union league club team association"
    " organization organisation federation republic kingdom empire states city county province island islands river"
    " lake sea ocean mountain mount bay street road bridge tower palace castle museum park stadium hall house airport"
    " treaty pact agreement accord act law war battle prize award awards cup games olympics festival show series album"
    " song records band orchestra times post journal magazine press news north south east west northern southern"
    " eastern western united new world international national central project program programme system disease"
    " partnership summit conference forum crisis revolution movement station pipeline corridor plant force forces army"
    " navy guard trail lottery expedition day christmas championship championships open tour"
    " studios studio theatre theater ep"
)
GROUPS = _words("people police team band company government country family group crew army couple public staff")
MONTHS = _words(
    "january february march april may june july august september october november december"
    " monday tuesday wednesday thursday friday saturday sunday"
)
# Nouns that point back at a time, not at a thing.
TIMES = _words("time year years day days month week period season point era date moment decade century")
# What a person calls the thing that is being read: the conversation's topic is meant.
TEXTS = _words("article articles section page text passage story report document")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a mark, and where it stands in its text."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        """The word in lower case."""
        return self.text.lower()

    @property
    def is_word(self) -> bool:
        """Whether it is no mark."""
        return any(map(str.isalnum, self.text))

    @property
    def is_acronym(self) -> bool:
        """Whether it is capitals alone, and more than one."""
        return len(self.text) > 1 and self.text.isupper()

    @property
    def is_capitalised(self) -> bool:
        """Whether it begins like a name."""
        return self.text[:1].isupper()


def words_of(text: str) -> list[Word]:
    """The words and marks of ``text``, in order."""
    return [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
