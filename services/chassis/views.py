"""Read models: a selection in GraphQL's shape becomes one SQL statement whose answer is JSON made by PostgreSQL.

A `View` declares a type's fields as SQL expressions and its edges as joins; a `Root` declares where a read may begin. In their SQL `{t}`
stands for the row, `{p}` for the parent row of an edge and `:name` for an argument of a root (write a literal brace twice). All of it
is declared in code; what comes from a request is only names that must be declared, response keys that must have the form of a GraphQL
name, and bound parameters.

The caller is set in the reading statement itself (one round trip): the set_config stands in a MATERIALIZED common table expression, and
every row is read in a LATERAL subquery that depends on its value, so no policy can be evaluated before it. Were one, the caller would be
unset and reach nothing.

A read may be written down in the same statement (`noted`): one row more costs no round trip. It does not wait for the disk.
"""

import base64
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import asyncpg
import msgspec

from services.chassis.db import Connection, Pool
from services.chassis.errors import InvalidInput
from services.chassis.principal import Caller

GRAPHQL_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,127}")
ARGUMENT = re.compile(r"(?<!:):([a-z_]+)")
MOST_NODES = 800
MOST_KEYS = 50
MOST_STATEMENTS = 500


def leaves(*names: str) -> list[list[str]]:
    """The nodes of a selection for fields under their own names."""
    return [[name, name] for name in names]


Kind = Literal["one", "many", "page", "each_one", "each_many"]


@dataclass(frozen=True)
class Edge:
    """From a row to one row or many of another view. Many are cut at `first`, which a caller may give up to `most`.

    `source` stands for the other view's source: SQL over {p}, where a row's own values make the others.
    `dated` stands for it where the root was asked for another day than today: SQL over {p}, :as_of and :known_at.
    """

    to: str
    on: str
    many: bool = False
    order: str = ""
    first: int = 100
    most: int = 500
    source: str = ""
    dated: str = ""


@dataclass(frozen=True)
class View:
    """How one GraphQL type is read. `source` is a table or a view of the database; `fields` are JSON-able SQL expressions.

    `sensitive` names the fields whose expression yields a masked form only.
    """

    type: str
    source: str
    fields: Mapping[str, str]
    edges: Mapping[str, Edge] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Root:
    """Where a read begins. `args` maps each argument to its SQL type, `where` to its condition, left out when the argument is.

    one: the row or null · many: all rows · page: a Relay connection over `order` (keyset), arguments `first` and `after` ·
    each_one / each_many: a list in step with the array argument `keys`, joined by `key` (an SQL expression over {t}).
    `many` and `each_many` are cut at `most`. `order` are (expression, SQL type) pairs that together are unique;
    `descending` turns them all. `always` is a condition that no caller can leave out.
    `source` stands for the view's source: SQL over the arguments.
    `sources` stand for it where the argument of that name is given, each with its own.
    `dated` is the source where the argument `as_of` is given: SQL over the arguments, of which `as_of` (date) and `known_at` (timestamptz) are two.
    """

    view: str
    kind: Kind
    args: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    always: str = ""
    order: tuple[tuple[str, str], ...] = ()
    descending: bool = False
    key: str = ""
    key_type: str = "text"
    first: int = 50
    most: int = 200
    source: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    dated: str = ""


@dataclass(frozen=True)
class Statement:
    """`arguments` are the names of the parameters from $2 on; $1 is the caller. `names` are the fields that are read of the root's view."""

    sql: str
    arguments: tuple[str, ...]
    names: tuple[str, ...] = ()


Selection = list[Any]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Views:
    """The read model of one service: compiles, remembers and runs selections.

    `noted` maps a note's kind to the common table expressions that write it down. They read `answer`, which has one row or none: its `count`
    says how many rows are told of; `:note` (jsonb) is the note.
    """

    def __init__(
        self, views: Sequence[View], roots: Mapping[str, Root], noted: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.views = {view.type: view for view in views}
        self.roots = dict(roots)
        self._noted = noted
        self._statements: OrderedDict[tuple[str, frozenset[str], str, bytes], Statement] = OrderedDict()

    async def read(
        self,
        where: Pool | Connection,
        caller: Caller,
        root: str,
        args: Mapping[str, Any],
        select: bytes,
        *,
        note: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Runs a selection (as JSON bytes) from a root; returns the JSON bytes of the answer, `null` for no row.

        With a note the read is written down as its `kind` says; the names of the fields that are read are added to it as `fields`.
        """
        declared = self.roots.get(root)
        if declared is None:
            raise InvalidInput("root names nothing that can be read here", field="root", rule="known.root")
        given = {name: value for name, value in args.items() if value is not None}
        values = self._values(declared, given)
        statement = self._statement(root, frozenset(values), select, "" if note is None else self._noted[note["kind"]])
        if note is not None:
            values["note"] = msgspec.json.encode({**note, "fields": statement.names}).decode()
        parameters = [values[name] for name in statement.arguments]
        try:
            answer: bytes | None = await where.fetchval(statement.sql, caller.setting, *parameters)
        except asyncpg.DataError:
            raise InvalidInput("an argument has not the form of its type", field="args", rule="form") from None
        return b"null" if answer is None else answer

    def _statement(self, root: str, given: frozenset[str], select: bytes, noted: str) -> Statement:
        key = (root, given, noted, select)
        if (statement := self._statements.get(key)) is None:
            try:
                nodes = msgspec.json.decode(select)
            except msgspec.DecodeError:
                raise InvalidInput("select is not JSON", field="select", rule="json") from None
            statement = _Compiler(self.views, self.roots[root], given, noted).statement(nodes)
            self._statements[key] = statement
            if len(self._statements) > MOST_STATEMENTS:
                self._statements.popitem(last=False)
        else:
            self._statements.move_to_end(key)
        return statement

    def _values(self, root: Root, given: dict[str, Any]) -> dict[str, Any]:
        declared = {**root.args, **({"first": "int", "after": "text"} if root.kind == "page" else {})}
        if root.kind.startswith("each"):
            declared["keys"] = f"{root.key_type}[]"
        for name in given:
            if name not in declared:
                raise InvalidInput(f"{name} is no argument here", field=name, rule="known.argument")
        required = {"keys"} if root.kind.startswith("each") else set(ARGUMENT.findall(root.always))
        for name in sorted(required - given.keys()):
            raise InvalidInput(f"{name} is missing", field=name, rule="required")
        values = {name: value for name, value in given.items() if name not in ("first", "after")}
        if root.kind == "page":
            values["first"] = _first(given.get("first", root.first), root.most)
            if "after" in given:
                values |= {f"after_{n}": value for n, value in enumerate(uncursor(given["after"], len(root.order)))}
        return values

    def samples(self) -> dict[str, str]:
        """One statement a root that uses every argument, field and edge that it leads to: for a test to PREPARE.

        A root that answers for other days has a second one, for today. One root has more: one for each kind of note.
        """
        result = {}
        for name, root in self.roots.items():
            given = set(root.args)
            if root.kind == "page":
                given |= {"first", *(f"after_{n}" for n in range(len(root.order)))}
            if root.kind.startswith("each"):
                given.add("keys")
            select = self._everything(root.view, set())
            if root.kind == "page":
                page = [[info, info] for info in ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")]
                select = [
                    ["edges", "edges", None, [["cursor", "cursor"], ["node", "node", None, select]]],
                    ["pageInfo", "pageInfo", None, page],
                ]
            result[name] = _Compiler(self.views, root, frozenset(given)).statement(select).sql
            for source in root.sources:
                only = frozenset(given - (root.sources.keys() - {source}))
                result[f"{name} {source}"] = _Compiler(self.views, root, only).statement(select).sql
            if root.dated:
                given -= {"as_of", "known_at"}
                result[f"{name} today"] = _Compiler(self.views, root, frozenset(given)).statement(select).sql
        for kind, noted in self._noted.items():
            statement = _Compiler(self.views, self.roots[name], frozenset(given), noted).statement(select)
            result[f"{name} noted as {kind}"] = statement.sql
        return result

    def _everything(self, view: str, seen: set[str], *, own_source: bool = False) -> Selection:
        """All fields and edges of each view once, and all fields again where an edge brings another source for them."""
        declared = self.views[view]
        if view in seen:
            return [[name, name] for name in declared.fields][: None if own_source else 1]
        seen.add(view)
        nodes: Selection = [[name, name] for name in declared.fields]
        for name, edge in declared.edges.items():
            own = bool(edge.source or edge.dated)
            nodes.append([name, name, None, self._everything(edge.to, seen, own_source=own)])
        return nodes


def _first(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise InvalidInput(f"first must be a whole number from 1 to {most}", field="first", rule="range")
    return value


def uncursor(cursor: Any, parts: int) -> list[str]:
    """The values of a page's order at a cursor, as text; raises InvalidInput."""
    try:
        values = base64.b64decode(cursor, validate=True).decode().split("\x1f")
    except (ValueError, TypeError):
        values = []
    if len(values) != parts:
        raise InvalidInput("after is no cursor of this connection", field="after", rule="cursor")
    return values


class _Compiler:
    """Compiles one selection. Parameters are numbered as they are first used."""

    def __init__(self, views: Mapping[str, View], root: Root, given: frozenset[str], noted: str = "") -> None:
        self._views = views
        self._root = root
        self._given = given
        self._noted = noted
        self._numbers: dict[str, int] = {}
        self._aliases = 0
        self._nodes = 0

    def statement(self, select: Selection) -> Statement:
        body = getattr(self, f"_{self._root.kind}")(select)
        answer = f"FROM caller CROSS JOIN LATERAL ({body}) AS answer(json, count)"
        caller = "SELECT set_config('sanmin.caller', $1, true) AS setting"
        if self._noted:
            noted = ARGUMENT.sub(lambda _: self._parameter("note", "jsonb"), self._noted)
            sql = (
                f"WITH caller AS MATERIALIZED ({caller}, set_config('synchronous_commit', 'off', true) AS hurried),\n"
                f"answer AS MATERIALIZED (SELECT answer.json, answer.count {answer}),\n"
                f"{noted}\nSELECT json FROM answer"
            )
        else:
            sql = f"WITH caller AS MATERIALIZED ({caller})\nSELECT answer.json {answer}"
        return Statement(sql, tuple(self._numbers), self._names(select))

    def _names(self, select: Selection) -> tuple[str, ...]:
        if self._root.kind == "page":
            inner = [part for edges in select if edges[1] == "edges" for part in edges[3]]
            select = [node for part in inner if part[1] == "node" for node in part[3]]
        return tuple(sorted({node[1] for node in select if node[1] != "__typename"}))

    # Roots. Each yields a SELECT of one json value, and of how many rows it tells; it refers to caller.setting, which makes it run after
    # the caller is set.

    def _one(self, select: Selection) -> str:
        t = self._alias()
        return f"SELECT {self._object(self._view(), t, select)}, 1 FROM {self._source()} {t} WHERE {self._condition(t)} LIMIT 1"

    def _many(self, select: Selection) -> str:
        t, u = self._alias(), self._alias()
        rows = (
            f"SELECT {t}.* FROM {self._source()} {t} WHERE {self._condition(t)}{self._order(t)} LIMIT {self._root.most}"
        )
        return f"SELECT coalesce(json_agg({self._object(self._view(), u, select)}), '[]'), count(*) FROM ({rows}) {u}"

    def _page(self, select: Selection) -> str:
        t, u = self._alias(), self._alias()
        first = self._parameter("first", "int")
        condition = self._condition(t)
        keys = ", ".join(expression.format(t=t) for expression, _ in self._root.order)
        if "after_0" in self._given:
            after = ", ".join(
                f"{self._parameter(f'after_{n}', 'text')}::{kind}" for n, (_, kind) in enumerate(self._root.order)
            )
            condition += f" AND ({keys}) {'<' if self._root.descending else '>'} ({after})"
        rows = f"SELECT {t}.* FROM {self._source()} {t} WHERE {condition}{self._order(t)} LIMIT {first} + 1"
        numbered = f"SELECT row_number() OVER () AS n_, {u}.* FROM ({rows}) {u}"
        v = self._alias()
        return f"SELECT {self._connection(v, first, select)}, least(count(*), {first}) FROM ({numbered}) {v}"

    def _connection(self, t: str, first: str, select: Selection) -> str:
        joined = " || E'\\x1f' || ".join(f"({expression.format(t=t)})::text" for expression, _ in self._root.order)
        cursor = f"replace(encode(convert_to({joined}, 'UTF8'), 'base64'), E'\\n', '')"
        kept = f"FILTER (WHERE {t}.n_ <= {first})"
        info = {
            "hasNextPage": f"count(*) > {first}",
            "hasPreviousPage": "true" if "after_0" in self._given else "false",
            "startCursor": f"min({cursor}) FILTER (WHERE {t}.n_ = 1)",
            "endCursor": f"(array_agg({cursor}) {kept})[least(count(*), {first})]",
        }
        pairs = []
        for key, name, _, inner in self._check(select):
            if name == "edges":
                edge = [
                    (
                        k,
                        self._object(self._view(), t, s)
                        if n == "node"
                        else self._choose(n, {"cursor": cursor}, f"{self._root.view}Edge"),
                    )
                    for k, n, _, s in self._check(inner)
                ]
                pairs.append((key, f"coalesce(json_agg({_build(edge)}) {kept}, '[]')"))
            elif name == "pageInfo":
                pairs.append(
                    (key, _build([(k, self._choose(n, info, "PageInfo")) for k, n, _, _ in self._check(inner)]))
                )
            else:
                pairs.append((key, self._choose(name, {}, f"{self._root.view}Connection")))
        return _build(pairs)

    def _each_one(self, select: Selection) -> str:
        t = self._alias()
        return self._each(
            f"SELECT {self._object(self._view(), t, select)} FROM {self._view().source} {t} WHERE {self._keyed(t)} LIMIT 1",
            "'null'",
        )

    def _each_many(self, select: Selection) -> str:
        t, u = self._alias(), self._alias()
        rows = f"SELECT {t}.* FROM {self._view().source} {t} WHERE {self._keyed(t)}{self._order(t)} LIMIT {self._root.most}"
        return self._each(f"SELECT json_agg({self._object(self._view(), u, select)}) FROM ({rows}) {u}", "'[]'")

    def _each(self, rows: str, absent: str) -> str:
        keys = self._parameter("keys", f"{self._root.key_type}[]")
        return (
            f"SELECT coalesce(json_agg(coalesce(found.json, {absent}::json) ORDER BY k_.n), '[]'), count(found.json) "
            f"FROM unnest({keys}) WITH ORDINALITY AS k_(key, n) LEFT JOIN LATERAL ({rows}) AS found(json) ON true "
            "WHERE caller.setting IS NOT NULL"
        )

    def _keyed(self, t: str) -> str:
        return f"{self._condition(t)} AND {self._root.key.format(t=t)} = k_.key"

    # Rows

    def _object(self, view: View, t: str, select: Selection) -> str:
        pairs = []
        for key, name, args, inner in self._check(select):
            if name in view.edges:
                pairs.append((key, self._edge(view.edges[name], t, args, inner)))
            else:
                pairs.append((key, self._choose(name, view.fields, view.type).format(t=t)))
        return _build(pairs)

    def _edge(self, edge: Edge, parent: str, args: Mapping[str, Any], select: Selection) -> str:
        view, t = self._views[edge.to], self._alias()
        on = edge.on.format(t=t, p=parent)
        source = self._bound(edge.dated if edge.dated and self._dated else edge.source).format(p=parent) or view.source
        for name in args:
            if name != "first" or not edge.many:
                raise InvalidInput(f"{name} is no argument here", field=name, rule="known.argument")
        if not edge.many:
            return f"(SELECT {self._object(view, t, select)} FROM {source} {t} WHERE {on} LIMIT 1)"
        u, first = self._alias(), _first(args.get("first", edge.first), edge.most)
        order = f" ORDER BY {edge.order.format(t=t, p=parent)}" if edge.order else ""
        rows = f"SELECT {t}.* FROM {source} {t} WHERE {on}{order} LIMIT {first}"
        return f"(SELECT coalesce(json_agg({self._object(view, u, select)}), '[]') FROM ({rows}) {u})"

    # Parts

    def _view(self) -> View:
        return self._views[self._root.view]

    def _alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"

    def _parameter(self, name: str, kind: str) -> str:
        """Values come as JSON has them: what is no number, boolean or text there is bound as text and cast by the server."""
        number = self._numbers.setdefault(name, len(self._numbers) + 2)
        if kind.removesuffix("[]") in ("text", "int", "bigint", "boolean"):
            return f"${number}::{kind}"
        return f"${number}::text{'[]' if kind.endswith('[]') else ''}::{kind}"

    def _condition(self, t: str) -> str:
        conditions = ["caller.setting IS NOT NULL", *([self._root.always] if self._root.always else [])]
        conditions += [condition for name, condition in self._root.where.items() if name in self._given]
        return self._bound(" AND ".join(conditions)).format(t=t)

    def _bound(self, sql: str) -> str:
        """With the root's arguments in it; one that is not given is null."""

        def parameter(match: re.Match[str]) -> str:
            kind = self._root.args[match[1]]
            return self._parameter(match[1], kind) if match[1] in self._given else f"NULL::{kind}"

        return ARGUMENT.sub(parameter, sql)

    @property
    def _dated(self) -> bool:
        return "as_of" in self._given

    def _source(self) -> str:
        chosen = next((source for name, source in self._root.sources.items() if name in self._given), self._root.source)
        own = self._root.dated if self._root.dated and self._dated else chosen
        return self._bound(own) or self._view().source

    def _order(self, t: str) -> str:
        way = " DESC" if self._root.descending else ""
        return (
            " ORDER BY " + ", ".join(expression.format(t=t) + way for expression, _ in self._root.order)
            if self._root.order
            else ""
        )

    def _choose(self, name: str, fields: Mapping[str, str], type_name: str) -> str:
        if name == "__typename":
            return _literal(type_name)
        if name not in fields:
            raise InvalidInput(f"{type_name} has no such field", field="select", rule="known.field")
        return fields[name]

    def _check(self, select: Any) -> list[tuple[str, str, Mapping[str, Any], Selection]]:
        """The nodes of a selection, in the form (key, name, args, inner selection)."""
        if not isinstance(select, list) or not select:
            raise InvalidInput("select is not a list of nodes", field="select", rule="form")
        nodes: list[tuple[str, str, Mapping[str, Any], Selection]] = []
        for node in select:
            self._nodes += 1
            match node:
                case [str(key), str(name)]:
                    nodes.append((key, name, {}, []))
                case [str(key), str(name), dict() | None as args, list(inner)]:
                    nodes.append((key, name, args or {}, inner))
                case _:
                    raise InvalidInput(
                        "a node is [key, field] or [key, field, args, select]", field="select", rule="form"
                    )
            if not GRAPHQL_NAME.fullmatch(nodes[-1][0]) or self._nodes > MOST_NODES or self._aliases > MOST_NODES:
                raise InvalidInput(
                    f"select is over {MOST_NODES} nodes, or a key is no GraphQL name", field="select", rule="size"
                )
        return nodes


def _build(pairs: Sequence[tuple[str, str]]) -> str:
    """A JSON object. A PostgreSQL function takes at most 100 arguments, so one of over 50 keys is put together from the texts of several."""
    parts = [
        f"json_build_object({', '.join(f'{_literal(key)}, {value}' for key, value in pairs[n : n + MOST_KEYS])})"
        for n in range(0, max(len(pairs), 1), MOST_KEYS)
    ]
    if len(parts) == 1:
        return parts[0]
    inner = " || ', ' || ".join(f"left(substr(({part})::text, 2), -1)" for part in parts)
    return f"('{{' || {inner} || '}}')::json"
