"""Village sheets through the gateway: deeds with global ids, reads, and the sheet in print at the path that the schema tells."""

from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do, refused
from tests.gateway.test_reads import household

SHEET = """villageSheet { id code version sheetUrl roads groups cultivatedMu marketRule marketDays area { name }
    sources { fact provenance verifiedOn } figures { year figure title value confirmedBy }
    terms { id name office officeName since until } ledger { id kind amount reverses } ledgerYears { year income assets }
    agreements { title parties image } }"""


async def test_a_villages_year(running: Running) -> None:
    cadre, clerk = running.as_("cadre"), running.as_("clerk")
    begun = (await cadre("query ($code: String!) { villageSheet(code: $code) { version } }", code=VILLAGE))[
        "villageSheet"
    ]
    facts = {
        "roads": "示例路",
        "groups": ["第一组"],
        "cultivatedMu": 812.5,
        "market": {"rule": "LUNAR", "days": [3, 8]},
    }
    given = {"code": VILLAGE, "version": begun["version"], "facts": facts, "effectiveOn": "2020-01-01"}
    sheet = (await do(cadre, "reviseVillage", SHEET, **given))["villageSheet"]
    assert (sheet["roads"], sheet["groups"], sheet["marketRule"], sheet["marketDays"]) == (
        "示例路",
        ["第一组"],
        "LUNAR",
        [3, 8],
    )
    assert {source["provenance"] for source in sheet["sources"]} == {"DOCUMENT"}
    figure = {"code": VILLAGE, "year": 2024, "figure": "HOUSEHOLDS", "value": 12}
    await do(cadre, "recordFigure", SHEET, **figure, source="示例")
    assert (await refused(cadre, "confirmFigure", SHEET, **figure))["code"] == "FORBIDDEN"
    sheet = (await do(clerk, "confirmFigure", SHEET, **figure))["villageSheet"]
    assert sheet["figures"][0]["confirmedBy"] == "example-clerk"
    started = await do(clerk, "startTerm", SHEET, code=VILLAGE, name="示例", office="DIRECTOR", since="2020-01-01")
    (term,) = started["villageSheet"]["terms"]
    ended = await do(clerk, "endTerm", SHEET, id=term["id"], until="2024-12-31")
    assert ended["villageSheet"]["terms"][0]["until"] == "2024-12-31"
    assert (await refused(clerk, "endTerm", SHEET, id=household(1), until="2024-12-31"))["rule"] == "id.type"
    entry = {"code": VILLAGE, "title": "示例", "bookedOn": "2024-05-01", "document": "示例"}
    booked = await do(cadre, "recordAssetEntry", SHEET, **entry, kind="INCOME", amount=100.5)
    (booking,) = booked["villageSheet"]["ledger"]
    reversed_ = await do(cadre, "recordAssetEntry", SHEET, **entry, reverses=booking["id"])
    assert [(one["amount"], one["reverses"]) for one in reversed_["villageSheet"]["ledger"]] == [
        (-100.5, booking["id"]),
        (100.5, None),
    ]
    agreement = {
        "code": VILLAGE,
        "title": "示例",
        "parties": ["甲", "乙"],
        "agreedOn": "2024-05-01",
        "text": "示例",
        "image": "示例.jpg",
    }
    sheet = (await do(cadre, "recordAgreement", SHEET, **agreement))["villageSheet"]
    assert sheet["agreements"] == [{"title": "示例", "parties": ["甲", "乙"], "image": "示例.jpg"}]
    node = await cadre("query ($id: ID!) { node(id: $id) { id ... on VillageSheet { version } } }", id=sheet["id"])
    assert node["node"] == {"id": sheet["id"], "version": sheet["version"]}
    then = """query ($code: String!) { villageSheet(code: $code, asOf: "2019-12-31") { roads terms { name } area { name } } }"""
    assert (await cadre(then, code=VILLAGE))["villageSheet"] == {
        "roads": None,
        "terms": [],
        "area": {"name": "示例村(example)"},
    }
    area = "query ($code: String!) { area(code: $code) { villageSheet { id agreements { image } } } }"
    resident = await running.as_("resident")(area, code=VILLAGE)
    assert resident["area"]["villageSheet"]["agreements"] == [{"image": None}]
    gap = "query ($code: String!) { villageReconciliation(code: $code) { measure declared computed gap confirmed } }"
    measures = (await cadre(gap, code=VILLAGE))["villageReconciliation"]
    households = next(measure for measure in measures if measure["measure"] == "HOUSEHOLDS")
    assert (households["declared"], households["confirmed"]) == (12, True)
    assert households["gap"] == 12 - households["computed"]


async def test_a_sheet_is_printed_at_the_path_that_it_tells(running: Running) -> None:
    cadre = running.as_("cadre")
    sheet = (await cadre("query ($id: ID!) { household(id: $id) { sheetUrl } }", id=household(1)))["household"]
    async with running.session.get(running.url + sheet["sheetUrl"], headers=cadre.headers) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert (await answer.read()).startswith(b"%PDF")
    page = running.url + sheet["sheetUrl"].replace(".pdf", ".html")
    async with running.session.get(page, headers=running.as_("grid-worker").headers) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    async with running.session.get(page, headers=running.as_("resident-2").headers) as answer:
        assert answer.status == 403
