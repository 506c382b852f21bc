"""Lists of divisions: codes of many forms, columns in any order, and what is told of bad rows."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.app import HERE
from services.archive.domain.division import PROVINCES, CodeBroken, code_of, decoded, listed

TEXT = (HERE / "data" / "divisions.csv").read_text(encoding="utf-8")
REAL = [(row["code"], row["name"]) for row in csv.DictReader(TEXT.splitlines())]
ABOVE = "33,浙江省\n3308,衢州市\n330881,江山市\n330881001,双塔街道\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("110000", "11"),  # 北京市
        ("110100", "1101"),  # 市辖区
        ("110101", "110101"),  # 东城区
        ("110101001000", "110101001"),  # 东华门街道
        ("110101001001", "110101001001"),  # 多福巷社区居委会
        ("330881", "330881"),  # 江山市, a city at the level of a county
        ("330881000", "330881"),
        ("330881000000", "330881"),
        ("469001", "469001"),  # 五指山市, right below its province
        ("469000000000", "4690"),  # 省直辖县级行政区划
        ("441900003000", "441900003"),  # 东城街道 of 东莞市, a city without counties
        ("4419", "4419"),
        ("540000000000", "54"),
        ("820000", "82"),
    ],
)
def test_codes_of_published_lists(text: str, code: str) -> None:
    """GB/T 2260-2007 to the county, the statisticians' lists below; each filled up with zeros or not."""
    assert code_of(text) == code


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "code.digits"),
        ("33088x", "code.digits"),
        ("３３", "code.digits"),
        ("33 ", "code.digits"),
        ("330", "code.length"),
        ("3308810012001", "code.length"),
        ("100000", "gbt2260.province"),
        ("990101", "gbt2260.province"),
        ("160000", "gbt2260.province"),
        ("330001", "code.gap"),
        ("330081", "code.gap"),
        ("330881000001", "code.gap"),
        ("330800000001", "code.gap"),
        ("000000", "gbt2260.province"),
    ],
)
def test_what_is_no_divisions_code(text: str, rule: str) -> None:
    with pytest.raises(CodeBroken) as broken:
        code_of(text)
    assert broken.value.rule == rule


def test_provinces_are_those_of_the_standard() -> None:
    assert len(PROVINCES) == 34
    assert PROVINCES["33"] == "浙江省"


@given(st.sampled_from([code for code, _ in REAL]), st.sampled_from([2, 4, 6, 9, 12]))
def test_filling_a_code_up_changes_nothing(code: str, length: int) -> None:
    assert code_of(code.ljust(max(length, len(code)), "0")) == code


@given(
    st.permutations(["code", "name", "level", "pcode", "category"]),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
def test_the_same_list_in_any_form(columns: list[str], full: bool, encoding: str) -> None:
    lengths = {2: 1, 4: 2, 6: 3, 9: 4, 12: 5}
    above = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}

    def row(code: str, name: str) -> dict[str, object]:
        parent = code[: above[len(code)]]
        return {
            "code": code.ljust(12, "0") if full else code,
            "name": name,
            "level": lengths[len(code)],
            "pcode": (parent.ljust(12, "0") if full else parent) or "0",
            "category": "",
        }

    lines = [",".join(columns), *(",".join(str(row(*each)[column]) for column in columns) for each in REAL)]
    text = decoded("\r\n".join(lines).encode(encoding))
    assert text is not None
    found = listed(text, [])
    assert found.errors == ()
    assert sorted((given.code, given.name) for given in found.rows) == sorted(REAL)


def test_without_a_header_columns_stand_in_their_usual_order() -> None:
    found = listed('110000000000,"北京市",1,0\n110100000000,"市辖区",2,110000000000\n', [])
    assert [(row.code, row.name) for row in found.rows] == [("11", "北京市"), ("1101", "市辖区")]


def test_levels_may_begin_with_zero() -> None:
    assert listed("code,name,level\n330000,浙江省,0\n330800,衢州市,1\n330881,江山市,2\n", []).errors == ()


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ("33088100200x,示例村", "code", "code.digits"),
        ("330881001002,", "name", "name.required"),
        (f"330881001002,{'长' * 61}", "name", "name.length"),
        ("330881001002,示例村,4", "level", "level.agrees"),
        ("330881001002,示例村,village", "level", "level.agrees"),
        ("330881001002,示例村,5,330881002", "parent", "parent.prefix"),
        ("330881001002,示例村,5,330881001002", "parent", "parent.prefix"),
        ("330881001002,示例村,5,3308810", "parent", "parent.length"),
        ("330881002002,示例村", "code", "parent.known"),
        ("330882001,示例镇", "code", "parent.known"),
        ("3309,示例市", "code", None),
        ("440101,示例区", "code", "parent.known"),
        ("4401,示例市", "code", "parent.known"),
        ("330881001,另一街道", "code", "code.twice"),
        ("330881001,双塔街道", "code", None),
        ("330881001002", "name", "name.required"),
        ("", "code", None),
    ],
)
def test_a_bad_row_is_told_with_its_place_and_never_with_its_value(row: str, column: str, rule: str | None) -> None:
    found = listed(f"code,name,level,parent\n{ABOVE}{row}\n", [])
    if rule is None:
        assert found.errors == ()
        return
    (error,) = found.errors
    assert (error.row, error.column, error.rule) == (6, column, rule)
    assert [row.code for row in found.rows] == ["33", "3308", "330881", "330881001"]
    assert not any(part in error.detail for part in row.split(",")[:2] if part)


def test_what_lies_in_a_bad_row_is_bad_too() -> None:
    found = listed(f"code,name\n{ABOVE}330881002,\n330881002001,示例村\n", [])
    assert [(error.row, error.rule) for error in found.errors] == [(6, "name.required"), (7, "parent.known")]
    assert listed("code,name\n330881001001,示例村\n", ["330881001"]).errors == ()


@pytest.mark.parametrize("text", ["", "\n", "a,b\n330881,江山市\n", "name\n江山市\n", '"' + "x" * 200_000])
def test_what_is_no_list(text: str) -> None:
    found = listed(text, [])
    assert found.rows == ()
    assert [error.rule for error in found.errors] in (["header"], ["csv.form"])


def test_one_county_out_of_a_larger_list() -> None:
    found = listed(f"code,name\n{ABOVE}3301,杭州市\n330106,西湖区\n", [], county="330881")
    assert [row.code for row in found.rows] == ["33", "3308", "330881", "330881001"]
    assert found.outside == 2


def test_text_in_no_known_encoding() -> None:
    assert decoded(b"\xff\xff\xff") is None
    assert decoded("江山市".encode("gb18030")) == "江山市"
