// The list of channels: marks the open channel, and those with unread posts.
"use strict";

const list = document.getElementById("channels");
const frame = document.getElementById("channel");
const seen = new Map();
let open = null;

function show(name) {
  open = name;
  frame.src = `/channels/${encodeURIComponent(name)}#${document.body.dataset.capability}`;
  document.title = `#${name} · arXiv papers · demo`;
}

function entry(channel) {
  const link = document.createElement("a");
  link.textContent = channel.name;
  link.href = `#${encodeURIComponent(channel.name)}`;
  if (channel.name === open) {
    seen.set(channel.name, channel.messages);
    link.setAttribute("aria-current", "page");
  }
  link.classList.toggle("unread", channel.messages > (seen.get(channel.name) ?? 0));
  const item = document.createElement("li");
  item.append(link);
  return item;
}

async function refresh() {
  const answer = await fetch("/demo/channels").catch(() => null);
  if (!answer?.ok) return;
  const channels = await answer.json();
  const wanted = decodeURIComponent(location.hash.slice(1));
  const name = channels.some((channel) => channel.name === wanted) ? wanted : channels[0].name;
  if (name !== open) show(name);
  const focused = list.contains(document.activeElement) ? document.activeElement.textContent : null;
  list.replaceChildren(...channels.map(entry));
  if (focused) [...list.querySelectorAll("a")].find((link) => link.textContent === focused)?.focus();
}

window.addEventListener("hashchange", refresh);
setInterval(refresh, 2000);
refresh();
