"use strict";
const board = document.getElementById("board"), stale = document.getElementById("stale"), clock = document.getElementById("clock");
const path = location.pathname.replace(/\/$/, "") + "/board", EVERY = 4000, OLD = 15000;
const time = (at, seconds) => at.toLocaleTimeString("zh-CN", {hour: "2-digit", minute: "2-digit", second: seconds, hour12: false, timeZone: "Asia/Shanghai"});
const day = (at) => at.toLocaleDateString("zh-CN", {month: "long", day: "numeric", weekday: "long", timeZone: "Asia/Shanghai"});
const newest = () => (board.querySelector(".calls") || {dataset: {}}).dataset.newest;
let tag = board.dataset.tag, heard = Date.now();

function tell() {
  const now = new Date(), old = now - heard > OLD;
  clock.textContent = day(now) + "　" + time(now, "2-digit");
  stale.hidden = !old;
  board.classList.toggle("old", old);
  if (old) stale.textContent = "网络中断，以下为 " + time(new Date(heard), "2-digit") + " 的信息，请听窗口人工叫号";
}

async function look() {
  const ending = new AbortController(), timer = setTimeout(() => ending.abort(), 8000);
  try {
    const answer = await fetch(path, {headers: {"If-None-Match": tag}, cache: "no-store", signal: ending.signal});
    if (answer.status === 200) {
      const content = await answer.text(), before = newest();
      board.innerHTML = content;
      tag = answer.headers.get("ETag") || "";
      if (newest() !== before) board.querySelector(".calls").classList.add("flash");
    }
    if (answer.status === 200 || answer.status === 304) heard = Date.now();
  } catch { /* the banner tells how old it is */ }
  clearTimeout(timer);
  setTimeout(look, EVERY);
}

tell();
setInterval(tell, 1000);
setTimeout(look, EVERY);
