"""Names in Latin letters, as people type them: pinyin without tones (汉语拼音), ü written v as keyboards have it."""

import os
import unicodedata
from functools import lru_cache

# Names are read character by character; the dictionary of phrases would cost every process 40 MB.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import lazy_pinyin

SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "翟": "zhai", "朴": "piao", "盖": "ge",
    "乐": "yue", "覃": "qin", "缪": "miao", "牟": "mu", "种": "chong", "重": "chong", "秘": "bi", "折": "she", "召": "shao",
    "阚": "kan", "洗": "xian", "繁": "po", "员": "yun", "贠": "yun", "郇": "xun", "隗": "wei", "乜": "nie", "佴": "nai",
    "薄": "bo", "藏": "zang", "都": "du", "祭": "zhai", "么": "yao", "粘": "nian", "卜": "bu", "黑": "he", "六": "lu",
    "能": "nai", "乐正": "yue zheng", "子车": "zi ju", "万俟": "mo qi", "单于": "chan yu", "尉迟": "yu chi", "澹台": "tan tai",
}  # fmt: skip
"""Surnames that are read otherwise than their characters usually are; pypinyin knows the rest."""
_COMPOUND = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘"
    "子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘西门单于"
)
COMPOUND = frozenset(_COMPOUND[at : at + 2] for at in range(0, len(_COMPOUND), 2))
"""Surnames of two characters (复姓)."""


def surname_length(name: str) -> int:
    """How many characters of a name in Chinese are the surname."""
    return 2 if name[:2] in COMPOUND and len(name) > 2 else 1


def syllables(name: str) -> list[str]:
    """One a character of a name in Chinese, the surname read as surnames are; empty where a character has no known reading."""
    length = surname_length(name)
    return [*_surname(name[:length]), *(_syllable(character) for character in name[length:])]


def plain_letters(text: str) -> str:
    """Lower case, without tone marks; ü is v."""
    decomposed = unicodedata.normalize("NFD", text.lower()).replace("u\N{COMBINING DIAERESIS}", "v")
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@lru_cache(maxsize=1_024)
def _surname(characters: str) -> tuple[str, ...]:
    read = SURNAMES[characters].split() if characters in SURNAMES else lazy_pinyin(characters)
    return tuple(_letters(syllable) for syllable in read)


@lru_cache(maxsize=16_384)
def _syllable(character: str) -> str:
    return _letters(lazy_pinyin(character)[0])


def _letters(syllable: str) -> str:
    """Nothing for a character that has no reading, which pypinyin hands back as it is."""
    letters = plain_letters(syllable)
    return letters if letters.isascii() else ""
