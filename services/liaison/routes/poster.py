"""A month of a village as a poster: `GET /files/villages/{code}/poster.html|pdf?month=2026-10`, A4 across, or upright with orientation=portrait."""

from functools import partial
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response

from services.chassis.clock import CHINA, today
from services.chassis.db import transaction
from services.chassis.errors import InvalidInput, NotFound, UnknownCode
from services.chassis.press import Press, templates
from services.chassis.service import FileRoute, Filing
from services.liaison.domain.feed import Names
from services.liaison.domain.poster import Orientation, month_of, poster, shortened
from services.liaison.store import feed as store
from services.liaison.store import poster as posters

FORMS = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
HEAD_POINTS = 24
TEMPLATES = templates(Path(__file__).resolve().parents[1] / "templates")


def poster_files(names: Names) -> tuple[FileRoute, ...]:
    """For everybody who is authenticated. `names` are the departments', by code."""
    return (FileRoute("/villages/{code}/poster.{form}", ("GET",), None, partial(print_poster, Press(), names)),)


async def print_poster(press: Press, names: Names, filing: Filing) -> Response:
    """Raises UnknownCode for what is no known village, InvalidInput for a month that the working calendar does not reach."""
    code, form = filing.request.path_params["code"], filing.request.path_params["form"]
    if form not in FORMS:
        raise NotFound("no such path")
    asked = filing.request.query_params
    first, last = month_of(asked.get("month", f"{today(filing.clock):%Y-%m}"))
    if (way := asked.get("orientation", Orientation.LANDSCAPE)) not in list(Orientation):
        raise InvalidInput(
            f"orientation must be {' or '.join(Orientation)}", field="orientation", rule="known.orientation"
        )
    async with transaction(filing.pool, filing.caller) as connection:
        village = await store.village_name(connection, code)
        if village is None:
            raise UnknownCode("area", field="code")
        days = await posters.days(connection, first, last)
        if len(days) < last.day:
            raise InvalidInput("month lies outside the working calendar", field="month", rule="calendar")
        held = await store.of_village(connection, code, first, last)
        station = await posters.station(connection, code)
    drawn = poster(days, *held, first=first, orientation=Orientation(way), names=names)
    width = drawn.sheet.width - (85 if drawn.sheet.width > drawn.sheet.height else 74) - 22 * drawn.provisional
    html = TEMPLATES.get_template("poster.html.jinja").render(
        poster=drawn,
        village=shortened(village, 24),
        village_points=min(HEAD_POINTS, round(width / 0.353 / (len(shortened(village, 24)) + 6), 1)),
        station=shortened(station, 60 if drawn.sheet.width > drawn.sheet.height else 36),
        printed=f"{filing.clock.now().astimezone(CHINA):%Y-%m-%d}",
    )
    title = quote(f"{village}{first:%Y-%m}", safe="")
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f"inline; filename*=UTF-8''{title}.{form}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(await press.pdf(html) if form == "pdf" else html, headers=headers, media_type=FORMS[form])
