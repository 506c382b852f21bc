"""What the measurements ask: the GraphQL documents and the requests made of them."""

import msgspec

from bench.load import post

PAGE = """
query Page($area: String!) {
  households(area: $area, first: 50) {
    edges { node { id number address version members { id name relation relationName sex birthDate idNumber phone isHead } } }
  }
}
"""
SEARCH = """
query Search($area: String!, $search: String!) {
  households(area: $area, search: $search, first: 50) {
    edges { node { id number address members { name relationName } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def ask(url: str, token: str, document: str, **variables: str) -> bytes:
    """A whole HTTP request to the gateway."""
    return post(url, msgspec.json.encode({"query": document, "variables": variables}), token)


def page_of(answer: bytes) -> list[object]:
    """The nodes of the gateway's answer to PAGE or SEARCH."""
    edges = msgspec.json.decode(answer)["data"]["households"]["edges"]
    return [edge["node"] for edge in edges]
