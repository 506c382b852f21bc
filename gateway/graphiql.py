"""The page of GraphiQL, for development: it loads the tool from a content delivery network, so it needs the internet."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Sanmin · GraphiQL</title>
<style>html, body, #graphiql { height: 100%; margin: 0 }</style>
<link rel="stylesheet" href="https://unpkg.com/graphiql@3.8.3/graphiql.min.css">
<script crossorigin src="https://unpkg.com/react@18.3.1/umd/react.production.min.js"></script>
<script crossorigin src="https://unpkg.com/react-dom@18.3.1/umd/react-dom.production.min.js"></script>
<script crossorigin src="https://unpkg.com/graphiql@3.8.3/graphiql.min.js"></script>
</head>
<body>
<div id="graphiql">GraphiQL is loading. Give the token of `make token as=cadre` under Headers: {"Authorization": "Bearer …"}</div>
<script>
const url = location.origin + location.pathname;
const fetcher = GraphiQL.createFetcher({ url, subscriptionUrl: url.replace(/^http/, "ws") });
ReactDOM.createRoot(document.getElementById("graphiql")).render(React.createElement(GraphiQL, {
  fetcher, defaultHeaders: '{"Authorization": "Bearer "}', defaultQuery: "{ me { name roles areas { name } } }", shouldPersistHeaders: true,
}));
</script>
</body>
</html>
"""
