"""GeoReport v2's rules: what a request must hold, which requests a query means, and the forms of XML and JSON."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import Conflict, Forbidden, InvalidInput, NotFound, Problem, TooManyRequests, Unavailable
from services.tickets.domain.catalogue import Category
from services.tickets.domain.open311 import (
    CLOSED,
    Attribute,
    Client,
    Query,
    Service,
    Told,
    errors,
    in_area,
    request,
    services,
    title,
    valid,
    xml,
)
from services.tickets.domain.ticket import Status

NOW = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
DAY = date(2020, 1, 1)
FORM = {"service_code": "lighting", "lat": "28.7424", "long": "118.6269", "description": "示例：路灯不亮"}
CLIENT = Client("example-app", "示例应用", ("339999100", "339998"), 60)


def sent(**changed: str | None) -> Any:
    return request([(name, value) for name, value in (FORM | changed).items() if value is not None])


def refused(**changed: str | None) -> Any:
    with pytest.raises(InvalidInput) as problem:
        sent(**changed)
    return problem.value.extra["field"]


def test_a_request_is_read_as_it_was_sent() -> None:
    full = sent(
        address_string="示例镇示例路 1 号",
        address_id="339999100200",
        first_name="甲",
        last_name="示例",
        phone="138 0000 0001",
        email="a@example.cn",
        media_url="https://example.cn/a.jpg",
        client_key="00000000-0000-7000-8000-000000000001",
    )
    assert (full.service, full.lat, full.long, full.area) == ("lighting", 28.7424, 118.6269, "339999100200")
    assert (full.contact.name, full.contact.phone, full.contact.email) == ("示例甲", "+8613800000001", "a@example.cn")
    assert full.key == UUID(int=full.key.int)
    assert "13800000001" not in repr(full)
    assert sent(first_name="Jane", last_name="Doe").contact.name == "Jane Doe"
    bare = sent(lat=None, long=None, address_string="示例路口", phone="", description=" ")
    assert (bare.lat, bare.description, bare.contact, bare.area) == (None, None, None, None)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"service_code": None}, "service_code"),
        ({"service_code": " "}, "service_code"),
        ({"lat": None, "long": None}, "lat"),
        ({"lat": None}, "lat"),
        ({"lat": "91"}, "lat"),
        ({"long": "nan"}, "long"),
        ({"long": "-180.1"}, "long"),
        ({"description": "x" * 4001}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"media_url": "http://example.cn/a.jpg"}, "media_url"),
        ({"media_url": "https://example.cn/a b"}, "media_url"),
        ({"media_url": "javascript:alert(1)"}, "media_url"),
        ({"phone": "nobody"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"client_key": "1"}, "client_key"),
    ],
)
def test_what_cannot_be_a_request_is_refused_by_its_field(changed: dict[str, str | None], field: str) -> None:
    assert refused(**changed) == field


def test_the_same_request_has_the_same_digest_whatever_its_order_and_keys() -> None:
    assert (
        sent().digest
        == request(list(reversed(FORM.items()))).digest
        == sent(api_key="k", client_key=str(UUID(int=1))).digest
    )
    assert sent().digest != sent(description="示例：另一盏").digest


POLE = Attribute("pole", "string", True, "灯杆编号")
FAULT = Attribute("fault", "singlevaluelist", False, "故障", None, (("out", "不亮"), ("flicker", "闪烁")))
SIDES = Attribute("sides", "multivaluelist", False, "方位", None, (("n", "北"), ("s", "南")))
SINCE = Attribute("since", "datetime", False, "始于")
COUNT = Attribute("count", "number", False, "盏数")
LIGHTING = Service(Category("lighting", None, "路灯照明", DAY), (), (POLE, FAULT, SIDES, SINCE, COUNT))


def test_answers_to_what_a_service_asks_become_lines() -> None:
    form = (
        "attribute[pole]",
        "attribute[fault]",
        "attribute[sides][]",
        "attribute[sides][]",
        "attribute[since]",
        "attribute[count]",
    )
    values = "XA-017", "out", "n", "s", "2026-01-05T12:00:00+08:00", "2.5"
    given = request([*FORM.items(), *zip(form, values, strict=True)]).attributes
    assert LIGHTING.answers(given) == [
        "灯杆编号：XA-017",
        "故障：不亮",
        "方位：北、南",
        "始于：2026-01-05T12:00:00+08:00",
        "盏数：2.5",
    ]


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({}, "required"),
        ({"pole": [" "]}, "required"),
        ({"pole": ["1"], "colour": ["red"]}, "known.field"),
        ({"pole": ["1", "2"]}, "single"),
        ({"pole": ["1"], "fault": ["smells"]}, "form"),
        ({"pole": ["1"], "sides": ["n", "w"]}, "form"),
        ({"pole": ["1"], "since": ["yesterday"]}, "form"),
        ({"pole": ["1"], "count": ["two"]}, "form"),
    ],
)
def test_answers_that_are_missing_unknown_or_of_another_form_are_refused(
    given: dict[str, list[str]], rule: str
) -> None:
    with pytest.raises(InvalidInput) as problem:
        LIGHTING.answers(given)
    assert problem.value.extra["rule"] == rule


def test_services_are_the_categories_below_which_there_is_none() -> None:
    tree = [
        Category("infrastructure", None, "基础设施", DAY),
        Category("power", "infrastructure", "用电", DAY),
        Category("power-failure", "power", "停电抢修", DAY),
        Category("other", None, "其他", DAY),
    ]
    failure, other = services(tree, {"other": [POLE]})
    assert failure.document() == {
        "service_code": "power-failure",
        "service_name": "停电抢修",
        "description": "基础设施 › 用电 › 停电抢修",
        "metadata": False,
        "type": "realtime",
        "keywords": "停电抢修, 用电, 基础设施",
        "group": "基础设施",
    }
    assert (other.document()["metadata"], other.document()["group"]) == (True, "其他")


def test_a_category_is_as_its_newest_line_says() -> None:
    lines = [
        Category("road", None, "道路", DAY),
        Category("road", None, "道路交通", date(2025, 1, 1)),
        Category("old", None, "旧", DAY, date(2025, 12, 31)),
    ]
    assert [each.name for each in valid(lines, date(2026, 1, 1))] == ["道路交通"]
    assert [each.name for each in valid(lines, date(2025, 12, 31))] == ["道路交通", "旧"]


def query(**args: str) -> Query:
    return Query.of(args, NOW)


def test_by_default_a_query_means_the_last_ninety_days() -> None:
    assert (query().since, query().until) == (NOW - timedelta(days=90), NOW)
    since = query(start_date="2025-12-01T00:00:00Z")
    assert (since.since, since.until) == (datetime(2025, 12, 1, tzinfo=UTC), NOW)
    old = query(start_date="2020-01-01T00:00:00+08:00")
    assert old.until - old.since == timedelta(days=90)
    until = query(end_date="2020-01-01T00:00:00Z")
    assert until.since == datetime(2020, 1, 1, tzinfo=UTC) - timedelta(days=90)
    whole = query(start_date="2025-01-01T00:00:00Z", end_date="2025-04-01T00:00:00Z")
    assert whole.until - whole.since == timedelta(days=90)


@pytest.mark.parametrize(
    ("args", "field"),
    [
        ({"start_date": "2025-01-01T00:00:00Z", "end_date": "2025-04-01T00:00:01Z"}, "end_date"),
        ({"start_date": "2025-02-01T00:00:00Z", "end_date": "2025-01-01T00:00:00Z"}, "end_date"),
        ({"start_date": "2025-01-01"}, "start_date"),
        ({"start_date": "2025-01-01T00:00:00"}, "start_date"),
        ({"end_date": "2025-13-01T00:00:00Z"}, "end_date"),
        ({"status": "resolved"}, "status"),
        ({"service_request_id": ",".join(map(str, range(1001)))}, "service_request_id"),
    ],
)
def test_a_query_over_ninety_days_or_of_no_form_is_refused(args: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        query(**args)
    assert problem.value.extra["field"] == field


@pytest.mark.parametrize(
    ("status", "closed"),
    [("", None), ("open", False), ("closed", True), ("open,closed", None), ("closed, closed", True)],
)
def test_a_query_may_name_states(status: str, closed: bool | None) -> None:
    assert query(status=status).closed is closed


def test_lists_of_a_query_are_parted_by_commas() -> None:
    found = query(service_request_id="T20260105-000001, T20260105-000002,", service_code="road,lighting")
    assert (found.numbers, found.services) == (("T20260105-000001", "T20260105-000002"), ("road", "lighting"))
    assert (query().numbers, query(service_code="").services) == (None, None)


@pytest.mark.parametrize(
    ("jurisdiction", "area", "found"),
    [
        (None, None, "339999100"),
        (None, "339999100200", "339999100200"),
        ("339998", None, "339998"),
        ("339999", None, "339999100"),
        ("339998", "339998001", "339998001"),
        (None, "339999101", None),
        (None, "339999", None),
        ("339998", "339999100200", None),
        ("330881", None, None),
    ],
)
def test_a_request_lies_where_it_says_within_the_clients_areas(
    jurisdiction: str | None, area: str | None, found: str | None
) -> None:
    if found is None:
        with pytest.raises(InvalidInput):
            in_area(CLIENT, jurisdiction, area)
    else:
        assert in_area(CLIENT, jurisdiction, area) == found


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (NotFound("x"), 404),
        (Forbidden("x"), 403),
        (InvalidInput("x"), 400),
        (Conflict("x"), 400),
        (TooManyRequests("x", retry_after=1), 429),
        (Unavailable("x"), 503),
    ],
)
def test_errors_have_the_statuses_of_the_specification(problem: Problem, status: int) -> None:
    assert errors(problem) == (status, [{"code": status, "description": problem.detail}])


def test_closed_is_what_was_seen_to_be_done_or_ended_otherwise() -> None:
    assert {status.value for status in CLOSED} == {
        "VERIFIED",
        "CALLED_BACK",
        "CLOSED",
        "MERGED",
        "WITHDRAWN",
        "REFERRED_OUT",
    }
    told = Told(
        number="T20260105-000001",
        status="RESOLVED",
        note=None,
        category="road",
        category_name="道路交通",
        description="示例",
        agency="示例局",
        reported_at=NOW,
        updated_at=NOW,
        due_at=None,
        area="339999",
        lat=28.5,
        long=118.5,
        address=None,
        media_url=None,
    )
    document = told.document()
    assert list(document) == [
        *("service_request_id", "status", "status_notes", "service_name", "service_code", "description"),
        *(
            "agency_responsible",
            "service_notice",
            "requested_datetime",
            "updated_datetime",
            "expected_datetime",
            "address",
        ),
        *("address_id", "zipcode", "lat", "long", "media_url"),
    ]
    assert (document["status"], document["requested_datetime"]) == ("open", "2026-01-05T04:00:00Z")
    assert {status for status in Status if status in CLOSED} == CLOSED


def test_xml_names_what_json_leaves_unnamed() -> None:
    assert xml("services", [LIGHTING.document()]).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n<services><service><service_code>lighting</service_code>'
        "<service_name>路灯照明</service_name><description>路灯照明</description><metadata>true</metadata><type>realtime</type>"
        "<keywords>路灯照明</keywords><group>路灯照明</group></service></services>"
    )
    parsed = ElementTree.fromstring(xml("service_definition", LIGHTING.definition()))  # noqa: S314  our own
    assert [each.findtext("code") for each in parsed.findall("attributes/attribute")] == [
        "pole",
        "fault",
        "sides",
        "since",
        "count",
    ]
    assert [each.findtext("order") for each in parsed.findall("attributes/attribute")] == list("12345")
    assert parsed.findtext("attributes/attribute[2]/values/value[1]/name") == "不亮"
    assert (
        xml("errors", errors(NotFound("<none> & such"))[1])
        .decode()
        .endswith("<errors><error><code>404</code><description>&lt;none&gt; &amp; such</description></error></errors>")
    )
    assert xml("service_requests", []).decode().endswith("<service_requests/>")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")))
def test_any_text_survives_xml(text: str) -> None:
    parsed = ElementTree.fromstring(xml("service_requests", [{"description": text}]))  # noqa: S314  our own
    assert (parsed.findtext("request/description") or "") == text


def test_a_title_is_the_service_and_how_the_description_begins() -> None:
    assert title("路灯照明", "村口不亮\n已三天") == "路灯照明：村口不亮"
    assert title("路灯照明", None) == "路灯照明"
    assert len(title("路灯照明", "长" * 200)) == 100
