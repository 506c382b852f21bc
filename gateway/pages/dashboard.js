"use strict";

const QUERY = `query ($area: String!, $from: Date!, $to: Date!, $trend: FigureTrend!) {
  matterFigures(area: $area, from: $from, to: $to, trend: $trend) {
    areaCode areaName computedAt reported closed endedOtherwise open returns reopened extensions
    byStatus { status reported open } onTime { kind met missed percent } ageing { fromDays belowDays open }
    residents { satisfied dissatisfied unreached percent } superiors { satisfied dissatisfied percent }
    bySource { ...line } byCategory { ...line } byDepartment { ...line } byArea { ...line }
    heat { areaCode areaName category categoryName reported previous } trend { date reported closed }
  }
}
fragment line on FigureLine { code name reported closed open }`;
const ME = "{ me { name areas { code name } } }";
const AREA = "query ($code: String!) { area(code: $code) { name } }";
const KEY = "sanmin:token";
const REFRESH = 60_000, STALE = 180_000, LEAF = 16, DAY = 86_400_000;
const LENGTHS = [2, 4, 6, 9, 12, 16];
const STATES = {
  DRAFTED: "待受理", ACCEPTED: "已受理", DISPATCHED: "已派遣", SIGNED: "已签收", IN_PROGRESS: "办理中", AWAITING: "挂起",
  RETURNED: "退单待裁定", RESOLVED: "已办结", VERIFIED: "已核实", CALLED_BACK: "已回访",
};
const DEADLINES = { SIGN: "签收", WORK: "承办", OVERALL: "总时限" };

const $ = (id) => document.getElementById(id);
const names = new Map();
let roots = [], shown = null, shownAt = 0, shownFor = "", failure = "", asking = null;

// Elements

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "click") made.addEventListener("click", value);
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null).map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const number = (value) => value.toLocaleString("zh-CN");
const percent = (value) => (value === null ? "—" : `${value.toFixed(1)}%`);
const panel = (kind, title, ...children) => element("section", { class: kind }, element("h2", {}, title), ...children);
const nothing = (text) => element("p", { class: "none" }, text);

// Days, in China

const today = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
const shifted = (day, days) => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);

function presets() {
  const now = today(), month = now.slice(0, 8) + "01", before = shifted(month, -1);
  return {
    今日: [now, now], "近7日": [shifted(now, -6), now], 本月: [month, now],
    上月: [before.slice(0, 8) + "01", before], "近30日": [shifted(now, -29), now], 今年: [now.slice(0, 5) + "01-01", now],
  };
}

// What the address says: #area=…&from=…&to=…

function place() {
  const said = new URLSearchParams(location.hash.slice(1));
  const [from, to] = presets()["近30日"];
  return { area: said.get("area") || (roots[0] || {}).code || "", from: said.get("from") || from, to: said.get("to") || to };
}

function go(change) {
  location.hash = new URLSearchParams({ ...place(), ...change }).toString();
}

// Asking

class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

async function ask(query, variables, signal) {
  const token = sessionStorage.getItem(KEY);
  const headers = { "Content-Type": "application/json", Accept: "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }), signal });
  let told;
  try {
    told = await answer.json();
  } catch {
    throw new Refused("UNAVAILABLE", `服务暂时不可用（${answer.status}）`);
  }
  if (told.errors) throw new Refused((told.errors[0].extensions || {}).code || "INTERNAL", told.errors[0].message);
  return told.data;
}

function why(error) {
  if (!(error instanceof Refused)) return "无法连接服务器，请检查网络";
  const said = {
    FORBIDDEN: "此账号无权查看统计", NOT_FOUND: "该区划不在您的管辖范围内", UNKNOWN_AREA: "没有这个区划",
    UNAVAILABLE: "服务暂时不可用", TOO_MANY_REQUESTS: "请求过于频繁，请稍后再试",
  };
  return said[error.code] || `查询未成功：${error.message}`;
}

async function refresh() {
  if (asking) asking.abort();
  const own = (asking = new AbortController());
  $("board").setAttribute("aria-busy", "true");
  try {
    if (!roots.length) {
      roots = (await ask(ME, {}, own.signal)).me.areas.sort((a, b) => a.code.length - b.code.length || (a.code < b.code ? -1 : 1));
      for (const { code, name } of roots) names.set(code, name);
      if (!roots.length) throw new Refused("FORBIDDEN");
    }
    const at = place();
    controls(at);
    const days = (Date.parse(at.to) - Date.parse(at.from)) / DAY;
    const figures = (await ask(QUERY, { ...at, trend: days > 62 ? "WEEK" : "DAY" }, own.signal)).matterFigures;
    shown = figures;
    shownAt = Date.now();
    shownFor = JSON.stringify(at);
    failure = "";
    names.set(figures.areaCode, figures.areaName);
    for (const { code, name } of figures.byArea) names.set(code, name);
    $("sign-in").hidden = true;
    board(figures, at);
    controls(at);
    await ancestors(at, own.signal);
  } catch (error) {
    if (own.signal.aborted) return;
    if (error.code === "UNAUTHENTICATED") return signIn();
    failure = why(error);
    if (shownFor !== JSON.stringify(place())) {
      shown = null;
      $("board").replaceChildren(element("p", {}, "没有可显示的数据"));
    }
  } finally {
    if (asking === own) {
      asking = null;
      $("board").setAttribute("aria-busy", "false");
      state();
    }
  }
}

async function ancestors(at, signal) {
  for (const code of path(at.area).filter((code) => !names.has(code))) {
    try {
      names.set(code, (await ask(AREA, { code }, signal)).area.name);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      names.set(code, code);
    }
  }
  controls(at);
}

function signIn() {
  const had = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  roots = [];
  shown = null;
  failure = had ? "令牌无效或已过期，请重新登录" : "";
  $("board").replaceChildren();
  $("path").replaceChildren();
  $("period").hidden = true;
  $("sign-in").hidden = false;
  $("token").focus();
}

// The head

function path(area) {
  const top = roots.find((root) => area.startsWith(root.code));
  return top ? LENGTHS.filter((length) => length >= top.code.length && length <= area.length).map((length) => area.slice(0, length)) : [area];
}

function controls(at) {
  const way = path(at.area);
  const steps = way.flatMap((code, n) => {
    const name = names.get(code) || code;
    const last = n === way.length - 1;
    return [n ? element("i", {}, "›") : null, last ? element("b", {}, name) : element("button", { type: "button", click: () => go({ area: code }) }, name)];
  });
  const others = roots.filter((root) => !at.area.startsWith(root.code));
  $("path").replaceChildren(
    ...steps.filter(Boolean),
    ...others.map((root) => element("button", { type: "button", click: () => go({ area: root.code }) }, root.name)),
  );
  $("presets").replaceChildren(
    ...Object.entries(presets()).map(([name, [from, to]]) =>
      element("button", { type: "button", "aria-pressed": String(from === at.from && to === at.to), click: () => go({ from, to }) }, name),
    ),
  );
  $("period").hidden = !roots.length;
  $("from").value = at.from;
  $("to").value = at.to;
}

function state() {
  const old = shown && Date.now() - shownAt > STALE;
  const clock = (at) => new Date(at).toLocaleTimeString("zh-CN", { hour12: false });
  $("state").textContent = shown ? `数据截至 ${clock(shownAt)}` : "";
  $("notice").hidden = !(failure || old);
  $("notice").replaceChildren(
    [failure, shown && (failure || old) ? `以下为 ${clock(shownAt)} 的数据，可能已过时` : ""].filter(Boolean).join("。"),
    element("button", { type: "button", click: refresh, hidden: !$("sign-in").hidden }, "重试"),
  );
}

// The board

function board(f, at) {
  const work = f.onTime.find((each) => each.kind === "WORK");
  const quiet = !f.reported && !f.closed && !f.open;
  $("board").replaceChildren(
    tiles(f, work),
    ...(quiet
      ? [panel("trend", "事项", nothing("本期没有上报、归档或在办的事项"))]
      : [
          trend(f, at), deadlines(f), ageing(f),
          heat(f), areas(f), sums("按部门", f.byDepartment),
          sums("按类别", f.byCategory, "wide"), sums("按来源", f.bySource, "wide"), states(f),
        ]),
  );
}

function tiles(f, work) {
  const grade = (value, good, fair) => (value === null ? "" : value >= good ? "good" : value >= fair ? "fair" : "bad");
  const tile = (label, value, below, kind = "") =>
    element("div", { class: `tile ${kind}` }, element("span", {}, label), element("b", {}, value), element("em", {}, below));
  const late = f.onTime.reduce((sum, each) => sum + each.missed, 0);
  return element(
    "div",
    { class: "tiles" },
    tile("上报", number(f.reported), "本期新增"),
    tile("归档", number(f.closed), `另并单、撤回、转出 ${number(f.endedOtherwise)}`),
    tile("在办", number(f.open), `超过15天 ${number(f.ageing[f.ageing.length - 1].open)}`),
    tile("按时办结率", percent(work.percent), `各类时限超时 ${number(late)}`, grade(work.percent, 95, 85)),
    tile("群众满意率", percent(f.residents.percent), `不满意 ${number(f.residents.dissatisfied)}`, grade(f.residents.percent, 95, 85)),
    tile("上级满意率", percent(f.superiors.percent), `不满意 ${number(f.superiors.dissatisfied)}`, grade(f.superiors.percent, 95, 85)),
    tile("退单", number(f.returns), "次"),
    tile("重办", number(f.reopened), `件；延期 ${number(f.extensions)} 次`),
  );
}

function trend(f) {
  const box = element("div", { class: "scroll" });
  const title = element(
    "span", {}, "趋势", element("span", { class: "key" }), element("small", {}, "上报"), element("span", { class: "key closed" }), element("small", {}, "归档"),
  );
  const made = panel("trend", title, box);
  const draw = () => {
    const width = Math.max(280, box.clientWidth), height = Math.max(180, box.clientHeight || 0);
    box.replaceChildren(lines(f.trend, width, height));
  };
  new ResizeObserver(draw).observe(box);
  return made;
}

function lines(points, width, height) {
  const most = Math.max(1, ...points.flatMap((point) => [point.reported, point.closed]));
  const step = nice(most / 4), top = Math.ceil(most / step) * step;
  const left = 12 + 8 * number(top).length, right = 16, above = 10, below = 24;
  const x = (n) => left + (points.length > 1 ? (n * (width - left - right)) / (points.length - 1) : (width - left - right) / 2);
  const y = (value) => height - below - (value * (height - above - below)) / top;
  const label = `趋势：共 ${points.length} 点，上报最多 ${Math.max(...points.map((p) => p.reported))}，归档最多 ${Math.max(...points.map((p) => p.closed))}`;
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label });
  for (let value = 0; value <= top; value += step) {
    svg.append(drawn("line", { class: value ? "grid" : "axis", x1: left, x2: width - right, y1: y(value), y2: y(value) }));
    svg.append(drawn("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, number(value)));
  }
  const every = Math.ceil(points.length / Math.max(2, Math.floor((width - left) / 64)));
  points.forEach((point, n) => {
    if (n % every === 0) svg.append(drawn("text", { x: x(n), y: height - 6, "text-anchor": "middle" }, point.date.slice(5).replace("-", "/")));
  });
  const way = (name) => points.map((point, n) => `${n ? "L" : "M"}${x(n).toFixed(1)} ${y(point[name]).toFixed(1)}`).join("");
  if (points.length > 1) {
    svg.append(drawn("path", { class: "area", d: `${way("reported")}L${x(points.length - 1)} ${y(0)}L${x(0)} ${y(0)}Z` }));
    svg.append(drawn("path", { class: "closed", d: way("closed") }), drawn("path", { class: "reported", d: way("reported") }));
  }
  points.forEach((point, n) => {
    const dot = drawn("circle", { class: "reported", cx: x(n), cy: y(point.reported), r: points.length > 62 ? 1 : 2.5 });
    dot.append(drawn("title", {}, `${point.date} 上报 ${point.reported}，归档 ${point.closed}`));
    svg.append(dot);
  });
  return svg;
}

function nice(value) {
  const ten = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 5, 10].map((each) => each * ten).find((each) => each >= value) || 1;
}

/** Shares of a whole, [[class, value], …]. */
function bar(parts, whole) {
  const svg = drawn("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  let at = 0;
  for (const [kind, value] of parts) {
    const width = whole ? (100 * value) / whole : 0;
    svg.append(drawn("rect", { class: kind, x: at, y: 0, width, height: 10 }));
    at += width;
  }
  return svg;
}

function bars(rows) {
  return element(
    "dl",
    { class: "bars" },
    ...rows.flatMap(({ name, parts, whole, text, small, title }) => [
      element("dt", { title: title || name }, name),
      element("dd", {}, bar(parts, whole)),
      element("dd", { class: "n" }, text, small ? element("small", {}, small) : null),
    ]),
  );
}

function deadlines(f) {
  const rows = f.onTime.filter((each) => each.met + each.missed).map((each) => ({
    name: DEADLINES[each.kind],
    parts: [["green", each.met], ["red", each.missed]],
    whole: each.met + each.missed,
    text: percent(each.percent),
    small: `超时 ${number(each.missed)}`,
  }));
  const said = (name, one) => ({
    name,
    parts: [["green", one.satisfied], ["red", one.dissatisfied]],
    whole: one.satisfied + one.dissatisfied,
    text: percent(one.percent),
    small: `不满意 ${number(one.dissatisfied)}`,
  });
  return panel(
    "deadlines", "按时率",
    rows.length ? bars(rows) : nothing("本期没有到期的时限"),
    element("h2", {}, "双满意"),
    bars([said("群众", f.residents), said("上级", f.superiors)]),
  );
}

function ageing(f) {
  const colours = ["green", "green", "blue", "amber", "red"];
  const most = Math.max(1, ...f.ageing.map((each) => each.open));
  const name = (each) => (each.belowDays === null ? `${each.fromDays}天以上` : each.fromDays ? `${each.fromDays}–${each.belowDays}天` : "不足1天");
  return panel(
    "ageing", "在办时长",
    bars(f.ageing.map((each, n) => ({ name: name(each), parts: [[colours[n], each.open]], whole: most, text: number(each.open) }))),
  );
}

function sums(title, rows, kind = "sums") {
  const most = Math.max(1, ...rows.map((row) => row.reported));
  return panel(
    kind,
    element("span", {}, title, element("small", {}, "上报 / 在办")),
    rows.length
      ? element("div", { class: "scroll" }, bars(rows.map((row) => ({
          name: row.name || row.code, parts: [["blue", row.reported]], whole: most, text: number(row.reported), small: `/ ${number(row.open)}`,
        }))))
      : nothing("没有数据"),
  );
}

function states(f) {
  const rows = f.byStatus.filter((each) => each.status in STATES);
  const order = Object.keys(STATES);
  rows.sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const most = Math.max(1, ...rows.map((row) => row.open));
  return panel(
    "wide", "在办状态",
    rows.length
      ? element("div", { class: "scroll" }, bars(rows.map((row) => ({ name: STATES[row.status], parts: [["blue", row.open]], whole: most, text: number(row.open) }))))
      : nothing("没有在办事项"),
  );
}

function drill(code, name) {
  const leaf = code.length >= LEAF || code === shown.areaCode;
  return leaf ? (code === shown.areaCode ? "本级" : name) : element("button", { type: "button", click: () => go({ area: code }) }, name);
}

function areas(f) {
  const rows = f.byArea.map((each) =>
    element("tr", {}, element("td", {}, drill(each.code, each.name)), ...[each.reported, each.closed, each.open].map((n) => element("td", {}, number(n)))),
  );
  const head = ["区划", "上报", "归档", "在办"].map((name) => element("th", { scope: "col" }, name));
  return panel(
    "areas", "下级区划",
    rows.length
      ? element("div", { class: "scroll" }, element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)))
      : nothing("没有下级区划"),
  );
}

function heat(f) {
  const title = element("span", {}, "热度", element("small", {}, "区划 × 类别，本期上报；箭头为较上期增减"));
  if (!f.heat.length) return panel("heat", title, nothing("本期与上期都没有上报"));
  const rank = new Map(f.byCategory.map((each, n) => [each.code, n]));
  const categories = [...new Map(f.heat.map((each) => [each.category, each.categoryName]))].sort((a, b) => (rank.get(a[0]) ?? 999) - (rank.get(b[0]) ?? 999));
  const cells = new Map(f.heat.map((each) => [`${each.areaCode}/${each.category}`, each]));
  const places = [...new Map(f.heat.map((each) => [each.areaCode, each.areaName]))].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const most = Math.max(1, ...f.heat.map((each) => each.reported));
  const cell = (each) => {
    if (!each) return element("td", {}, "");
    const by = each.reported - each.previous;
    const arrow = by ? element("small", { class: by > 0 ? "up" : "down" }, `${by > 0 ? "▲" : "▼"}${number(Math.abs(by))}`) : null;
    const level = each.reported ? Math.ceil((5 * each.reported) / most) : 0;
    return element("td", { class: level ? `h${level}` : false, title: `${each.areaName} ${each.categoryName}：本期 ${each.reported}，上期 ${each.previous}` }, number(each.reported), arrow);
  };
  return panel(
    "heat", title,
    element("div", { class: "scroll" }, element("table", {},
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "区划"), ...categories.map(([, name]) => element("th", { scope: "col" }, name)))),
      element("tbody", {}, ...places.map(([code, name]) =>
        element("tr", {}, element("td", {}, drill(code, name)), ...categories.map(([category]) => cell(cells.get(`${code}/${category}`)))),
      )),
    )),
  );
}

// Beginning

$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, $("token").value.trim().replace(/^Bearer\s+/i, ""));
  $("token").value = "";
  $("sign-in").hidden = true;
  refresh();
});
$("period").addEventListener("change", () => {
  const from = $("from").value, to = $("to").value;
  if (from && to) go({ from, to: to < from ? from : to });
});
$("period").addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", refresh);
setInterval(() => (document.hidden || !$("sign-in").hidden ? state() : refresh()), REFRESH);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && $("sign-in").hidden && Date.now() - shownAt > REFRESH) refresh();
});
const given = new URLSearchParams(location.hash.slice(1));
if (given.has("access_token")) {
  sessionStorage.setItem(KEY, given.get("access_token"));
  given.delete("access_token");
  history.replaceState(null, "", `${location.pathname}#${given}`);
}
$("board").replaceChildren(element("p", {}, "正在统计……"));
refresh();
