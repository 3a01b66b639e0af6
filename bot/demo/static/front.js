// The list of channels and threads: marks the open one, and those with unread posts. The commands beside them run in
// the open channel.
"use strict";

const LONGEST_OPENING_MS = 5_000;
const list = document.getElementById("channels");
const main = document.querySelector("main");
const seen = new Map();
let open = null;
let newest = "";

/** Open the channel or thread *room*. What was open stays readable until there is something to read in its place. */
function show(room) {
  open = room.key;
  main.querySelector("iframe:not(#channel)")?.remove();
  const frame = document.createElement("iframe");
  frame.name = "channel";
  frame.title = room.name;
  const appear = () => {
    if (!frame.isConnected || frame.id) return;
    document.getElementById("channel")?.remove();
    frame.id = "channel";
  };
  frame.addEventListener("drawn", appear);
  setTimeout(appear, LONGEST_OPENING_MS);
  frame.src = `/channels/${encodeURIComponent(room.key)}#${document.body.dataset.capability}`;
  main.append(frame);
  document.title = `${room.parent ? "" : "#"}${room.name} · arXiv papers · demo`;
}

function entry(room) {
  const link = document.createElement("a");
  const name = document.createElement("span");
  name.textContent = room.name;
  link.append(name);
  link.href = `#${encodeURIComponent(room.key)}`;
  link.classList.toggle("thread", room.parent !== null);
  if (room.key === open) {
    seen.set(room.key, room.messages);
    link.setAttribute("aria-current", "page");
  }
  link.classList.toggle("unread", room.messages > (seen.get(room.key) ?? 0));
  const item = document.createElement("li");
  item.append(link);
  return item;
}

async function refresh() {
  const answer = await fetch("/demo/channels").catch(() => null);
  if (!answer?.ok) return;
  const rooms = await answer.json();
  const wanted = decodeURIComponent(location.hash.slice(1));
  const room = rooms.find((each) => each.key === wanted) ?? rooms[0];
  if (room.key !== open) show(room);
  newest = room.newest;
  const focused = list.contains(document.activeElement) ? document.activeElement.hash : null;
  list.replaceChildren(...rooms.map(entry));
  if (focused) [...list.querySelectorAll("a")].find((link) => link.hash === focused)?.focus();
}

document.getElementById("commands").addEventListener("click", (event) => {
  const line = event.target.closest("button")?.dataset.line;
  if (line) document.getElementById("channel")?.contentWindow.runLine?.(line.replace("{newest}", newest).trim());
});
window.addEventListener("hashchange", refresh);
setInterval(refresh, 2000);
refresh();
