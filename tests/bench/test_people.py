"""The invented households are plausible, valid, the same every time, and recognisable as invented."""

from datetime import date
from random import Random

from stdnum.cn import ric

from bench.people import KINDS, MALE, MARK, PHONE_PREFIX, REGION, TODAY, Person, Register, id_number

HEAD, MALES, FEMALES = (
    "02",
    {"11", "21", "22", "23", "24", "28", "41", "43", "51"},
    {"12", "31", "32", "33", "34", "38", "42", "44", "52"},
)


def households(serial: int, count: int) -> list[list[Person]]:
    register = Register(Random(f"test:{serial}"), serial)
    return [register.household() for _ in range(count)]


def age(person: Person) -> int:
    born = person.birth_date
    return TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))


def test_check_digit_agrees_with_the_published_rule() -> None:
    for order in range(1, 999):
        number = id_number(date(1980, 2, 29), order)
        assert ric.calc_check_digit(number) == number[-1]


def test_numbers_and_phones_are_valid_unique_and_nobodys() -> None:
    people = [person for serial in (0, 1, 322) for home in households(serial, 700) for person in home]
    numbers = [person.id_number for person in people]
    phones = [person.phone for person in people if person.phone]
    assert len(set(numbers)) == len(numbers)
    assert len(set(phones)) == len(phones)
    for person in people:
        assert person.name.endswith(MARK)
        assert person.id_number.startswith(f"{REGION}{person.birth_date:%Y%m%d}")
        assert int(person.id_number[16]) % 2 == (person.sex == MALE)
        assert ric.calc_check_digit(person.id_number) == person.id_number[-1]
    assert all(len(phone) == 11 and phone.startswith(PHONE_PREFIX) for phone in phones)


def test_relations_agree_with_sex_and_age() -> None:
    seen = set()
    for home in households(7, 3000):
        head, *others = home
        assert head.relation == HEAD
        assert age(head) >= 24
        for person in others:
            seen.add(person.relation)
            assert person.relation in (MALES if person.sex == MALE else FEMALES)
            assert 0 <= age(person) < 125
            if person.relation[0] in "234" and person.relation not in ("28", "38"):
                assert person.birth_date > head.birth_date
            if person.relation[0] == "5":
                assert age(person) >= age(head) + 18
    assert seen == MALES | FEMALES


def test_mothers_are_grown_up() -> None:
    for home in households(8, 3000):
        mothers = [person for person in home if person.relation in ("02", "12") and person.sex != MALE]
        children = [p for p in home if p.relation[0] in "23" and p.relation not in ("28", "38")]
        for mother in mothers:
            assert all(age(mother) - age(child) >= 18 for child in children)


def test_the_same_seed_gives_the_same_people() -> None:
    assert households(5, 50) == households(5, 50)
    assert households(5, 50) != households(6, 50)


def test_sizes_are_the_seeds() -> None:
    assert sum(kind.share for kind in KINDS) == 100
    homes = households(9, 4000)
    assert 3.2 < sum(map(len, homes)) / len(homes) < 3.45
