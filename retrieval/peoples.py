"""Countries and continents with what their people and things are called, for search by words: "Iran" and "Iranian"."""

from __future__ import annotations

from typing import Final

# A line's words mean each other; as one text, because a list of lists cannot be read. Countries whose name is more
# than a word are left out.
_LINES: Final = """
afghanistan afghan
africa african
albania albanian
algeria algerian
america american
angola angolan
argentina argentine argentinian
armenia armenian
asia asian
australia australian
austria austrian
azerbaijan azerbaijani
bahrain bahraini
bangladesh bangladeshi
belarus belarusian
belgium belgian
bolivia bolivian
bosnia bosnian
botswana motswana
brazil brazilian
britain british briton
bulgaria bulgarian
burma burmese
cambodia cambodian
cameroon cameroonian
canada canadian
chad chadian
chile chilean
china chinese
colombia colombian
congo congolese
croatia croatian
cuba cuban
cyprus cypriot
czechia czech
denmark danish dane
ecuador ecuadorian
egypt egyptian
england english
eritrea eritrean
estonia estonian
ethiopia ethiopian
europe european
fiji fijian
finland finnish finn
france french
gabon gabonese
gambia gambian
georgia georgian
germany german
ghana ghanaian
greece greek
guatemala guatemalan
guinea guinean
haiti haitian
honduras honduran
hungary hungarian
iceland icelandic
india indian
indonesia indonesian
iran iranian
iraq iraqi
ireland irish
israel israeli
italy italian
jamaica jamaican
japan japanese
jordan jordanian
kazakhstan kazakh
kenya kenyan
kosovo kosovar
kuwait kuwaiti
kyrgyzstan kyrgyz
laos laotian lao
latvia latvian
lebanon lebanese
liberia liberian
libya libyan
lithuania lithuanian
macedonia macedonian
malawi malawian
malaysia malaysian
mali malian
malta maltese
mauritania mauritanian
mexico mexican
moldova moldovan
mongolia mongolian
montenegro montenegrin
morocco moroccan
mozambique mozambican
myanmar burmese
namibia namibian
nepal nepalese nepali
netherlands dutch
nicaragua nicaraguan
niger nigerien
nigeria nigerian
norway norwegian
oman omani
pakistan pakistani
palestine palestinian
panama panamanian
paraguay paraguayan
peru peruvian
philippines philippine filipino
poland polish pole
portugal portuguese
qatar qatari
romania romanian
russia russian
rwanda rwandan
scotland scottish scot
senegal senegalese
serbia serbian serb
singapore singaporean
slovakia slovak slovakian
slovenia slovenian slovene
somalia somali
spain spanish spaniard
sudan sudanese
sweden swedish swede
switzerland swiss
syria syrian
taiwan taiwanese
tajikistan tajik
tanzania tanzanian
thailand thai
tibet tibetan
tunisia tunisian
turkey turkish turk
turkmenistan turkmen
uganda ugandan
ukraine ukrainian
uruguay uruguayan
uzbekistan uzbek
venezuela venezuelan
vietnam vietnamese
wales welsh
yemen yemeni
zambia zambian
zimbabwe zimbabwean
"""
# Words of their own without a capital.
_WITH_CAPITAL_ONLY: Final = frozenset({"china", "jordan", "pole", "polish", "swede", "turkey", "dane", "chad", "dutch"})


def _by_word() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _LINES.split("\n"):
        words = line.split()
        for word in words:
            found[word] = tuple(dict.fromkeys((word, *found.get(word, ()), *words)))
    return found


_BY_WORD: Final = _by_word()


def names_of_people(word: str) -> tuple[str, ...]:
    """``word`` in lower case, and the country's or the people's other names; empty if it is none of them."""
    if word in _WITH_CAPITAL_ONLY:
        return ()
    lower = word.lower()
    return _BY_WORD.get(lower) or _BY_WORD.get(lower.removesuffix("s"), ())
