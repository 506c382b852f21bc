"""Lays a page of HTML out as PDF: from standard input to standard output. Run as a program of its own, which `press.py` does.

Nothing is fetched, whatever the page names; the same page gives the same bytes.
"""

import sys

from weasyprint import HTML
from weasyprint.urls import URLFetcher


def pdf(html: str) -> bytes:
    """The page with its fonts cut down to the characters that it has."""
    nothing = URLFetcher(allowed_protocols=())
    laid: bytes = HTML(string=html, url_fetcher=nothing).write_pdf(pdf_identifier=b"sanmin", pdf_tags=True)
    return laid


if __name__ == "__main__":
    sys.stdout.buffer.write(pdf(sys.stdin.buffer.read().decode()))
