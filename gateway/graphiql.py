"""GraphiQL, for development: its files come from an installed package, so that it works in a network without the internet."""

from importlib.util import find_spec
from pathlib import Path

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

PACKAGE = "graphene_django_graphiql_static"
PREFIX = "/graphiql"

PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Sanmin · GraphiQL</title>
<style>html, body, #graphiql {{ height: 100%; margin: 0 }}</style>
<link rel="stylesheet" href="{PREFIX}/graphiql.min.css">
<script src="{PREFIX}/react.production.min.js"></script>
<script src="{PREFIX}/react-dom.production.min.js"></script>
<script src="{PREFIX}/graphql-ws.min.js"></script>
<script src="{PREFIX}/graphiql.min.js"></script>
</head>
<body>
<div id="graphiql">GraphiQL is part of the development extra, which is not installed here.</div>
<script>
const url = location.origin + location.pathname;
let headers = {{}};
const socket = graphqlWs.createClient({{
  url: url.replace(/^http/, "ws"),
  connectionParams: () => ({{ authorization: headers.Authorization }}),
  lazy: true,
}});
const overHttp = GraphiQL.createFetcher({{ url, wsClient: socket }});
const fetcher = (params, options) => {{
  headers = (options && options.headers) || {{}};
  return overHttp(params, options);
}};
ReactDOM.render(React.createElement(GraphiQL, {{
  fetcher,
  headers: localStorage.getItem("graphiql:headers") || '{{"Authorization": "Bearer (make token as=cadre)"}}',
  defaultQuery: "{{ me {{ name roles areas {{ name }} }} }}",
  shouldPersistHeaders: true,
}}), document.getElementById("graphiql"));
</script>
</body>
</html>
"""


def graphiql_routes() -> list[BaseRoute]:
    """GraphiQL's files, where the package is installed."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        return []
    return [Mount(PREFIX, StaticFiles(directory=Path(found.origin).parent / "static" / PACKAGE))]
