"""Invented households for measurements: who lives there, names, ages and identity numbers. Pure and deterministic.

Nobody here exists. Every name ends with ·示 (example; a mark in front would spoil what a search by surname costs), every identity number has the
region 339999, which GB/T 2260 never assigned, and every phone begins with 1540, which is assigned to no operator. Relations are codes of GB/T
4761-2008 and agree with the sex.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

MARK = "·示"
REGION = "339999"
PHONE_PREFIX = "1540"
TODAY = date(2026, 1, 1)
"""The day on which ages are counted: fixed, so that the county is the same on every day."""
MALE, FEMALE = "1", "2"
"""Sex by GB/T 2261.1."""

SURNAMES = "徐毛周王郑姜祝吴杨柴何朱张陈李刘胡黄林叶汪程余金方蔡占严邵戴璩廖温夏邱管"
GIVEN = {
    MALE: "建国志明伟强军勇峰华平波林海文斌杰浩宇晨泽轩子俊鹏飞龙永福根水法土樟松柏良荣富贵",
    FEMALE: "芳丽娟敏静秀英兰凤香梅桂莲美玲燕红霞艳婷雅欣怡梓涵诗琪佳慧珍彩仙菊月花素爱云",
}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


def id_number(birth: date, order: int) -> str:
    """An identity number by GB 11643 in the example region. `order` is 1–999, odd for males and even for females."""
    digits = f"{REGION}{birth:%Y%m%d}{order:03d}"
    return digits + CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


@dataclass(frozen=True, slots=True)
class Person:
    """`relation` is to the head of the household, who is 02; `phone` is missing for children and some of the old."""

    name: str
    id_number: str
    sex: str
    birth_date: date
    relation: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A composition: its share of all households in percent, the head's age in years, and who else there is."""

    share: int
    head_age: tuple[int, int]
    spouse: bool = False
    children: tuple[int, int] = (0, 0)
    parents: tuple[int, int] = (0, 0)
    grandchildren: tuple[int, int] = (0, 0)
    """With grandchildren the eldest child is married and the spouse lives here, too."""


KINDS = (
    Kind(9, (62, 90)),
    Kind(5, (25, 60)),
    Kind(17, (50, 85), spouse=True),
    Kind(20, (28, 55), spouse=True, children=(1, 1)),
    Kind(14, (30, 55), spouse=True, children=(2, 2)),
    Kind(3, (34, 55), spouse=True, children=(3, 3)),
    Kind(11, (32, 55), spouse=True, children=(1, 1), parents=(1, 2)),
    Kind(7, (34, 55), spouse=True, children=(2, 2), parents=(1, 2)),
    Kind(10, (52, 75), spouse=True, children=(1, 1), grandchildren=(1, 2)),
    Kind(4, (32, 60), children=(1, 2)),
)
SHARES = tuple(kind.share for kind in KINDS)


class Register:
    """The people of one village. `serial` (0–399) keeps its identity numbers and phones apart from every other village's.

    Each village has one order code a sex of every day, so a second person of one day and sex is born a day earlier.
    """

    def __init__(self, rng: Random, serial: int) -> None:
        self._rng = rng
        self._order = 200 + 2 * serial
        self._phone = serial * 10_000
        self._taken: set[tuple[date, str]] = set()

    def household(self) -> list[Person]:
        """A household, its head first."""
        rng = self._rng
        kind = rng.choices(KINDS, SHARES)[0]
        surname = rng.choice(SURNAMES)
        sex = MALE if rng.random() < 0.82 else FEMALE
        age = rng.randint(*kind.head_age)
        people = [self._person(surname, sex, age, "02")]
        mother_age = age
        if kind.spouse:
            other = FEMALE if sex == MALE else MALE
            other_age = age + (rng.randint(-5, 3) if sex == MALE else rng.randint(-3, 5))
            people.append(self._person(rng.choice(SURNAMES), other, other_age, "12" if other == FEMALE else "11"))
            mother_age = other_age if other == FEMALE else age
        people += self._children(surname, mother_age, kind)
        if kind.parents[1]:
            both = rng.randint(*kind.parents) == 2
            people += self._parents(surname, age, (MALE, FEMALE) if both else (rng.choice((MALE, FEMALE, FEMALE)),))
        return people

    def _children(self, surname: str, mother_age: int, kind: Kind) -> list[Person]:
        rng = self._rng
        count = rng.randint(*kind.children)
        married = kind.grandchildren[1] > 0
        ages = sorted((max(0, mother_age - rng.randint(20, 25 if married else 36)) for _ in range(count)), reverse=True)
        people, seen = [], {MALE: 0, FEMALE: 0}
        for age in ages:
            sex = MALE if rng.random() < 0.52 else FEMALE
            tens = "2" if sex == MALE else "3"
            seen[sex] += 1
            people.append(self._person(surname, sex, age, tens + ("1" if count == 1 else str(seen[sex] + 1))))
            if married:
                people += self._young_family(surname, sex, age, rng.randint(*kind.grandchildren))
        return people

    def _young_family(self, surname: str, sex: str, age: int, children: int) -> list[Person]:
        """The spouse and the children of a married child of the house."""
        rng = self._rng
        own = sex == MALE
        other_surname, other_age = rng.choice(SURNAMES), max(22, age + rng.randint(-3, 3))
        people = [self._person(other_surname, FEMALE if own else MALE, other_age, "38" if own else "28")]
        for _ in range(children):
            child = MALE if rng.random() < 0.52 else FEMALE
            relation = {(True, MALE): "41", (True, FEMALE): "42", (False, MALE): "43", (False, FEMALE): "44"}[
                own, child
            ]
            oldest = max(0, (other_age if own else age) - 21)
            people.append(self._person(surname if own else other_surname, child, rng.randint(0, oldest), relation))
        return people

    def _parents(self, surname: str, age: int, sexes: tuple[str, ...]) -> list[Person]:
        rng = self._rng
        return [
            self._person(
                surname if sex == MALE else rng.choice(SURNAMES),
                sex,
                age + rng.randint(21, 32),
                "51" if sex == MALE else "52",
            )
            for sex in sexes
        ]

    def _person(self, surname: str, sex: str, age: int, relation: str) -> Person:
        rng = self._rng
        given = GIVEN[sex]
        name = surname + rng.choice(given) + (rng.choice(given) if rng.random() < 0.85 else "") + MARK
        birth = TODAY - timedelta(days=age * 365 + age // 4 + rng.randint(1, 364))
        while (birth, sex) in self._taken:
            birth -= timedelta(days=1)
        self._taken.add((birth, sex))
        phone = None
        if 15 <= age <= 85 and rng.random() < 0.85:
            phone = f"{PHONE_PREFIX}{self._phone:07d}"
            self._phone += 1
        return Person(name, id_number(birth, self._order + (sex == MALE)), sex, birth, relation, phone)


def worker_name(rng: Random) -> str:
    """The name of a grid worker."""
    given = GIVEN[rng.choice((MALE, FEMALE))]
    return rng.choice(SURNAMES) + rng.choice(given) + rng.choice(given) + MARK
