// Inside the frame: open a thread or channel by its mention or under the post that it belongs to, follow a link to a
// message, and go back from a thread, which Discord does but the preview does not.
"use strict";

const KEY = decodeURIComponent(location.pathname.split("/").at(-1));
const TO_A_MESSAGE = /^https:\/\/discord\.com\/channels\/\d+\/(\d+)(?:\/(\d+))?$/;
const ROOM = ".mention, .thread-summary";

async function rooms() {
  const answer = await fetch("/demo/channels").catch(() => null);
  return answer?.ok ? answer.json() : [];
}

/** Return the key of the room that *element* names; a thread has the number of the message that it belongs to. */
function keyOf(element, known) {
  const key = element.closest("article.channel-message")?.dataset.messageId;
  const fits = element.matches(".thread-summary")
    ? (room) => room.key === key
    : (room) => element.textContent === `#${room.name}`;
  return known.findLast(fits)?.key;
}

function link(element, key) {
  element.dataset.room = key;
  element.setAttribute("role", "link");
  element.tabIndex = 0;
}

async function linkAll(root) {
  const found = [...root.querySelectorAll(ROOM)].filter((each) => !each.dataset.room
    && (each.matches(".thread-summary") || each.textContent.startsWith("#")));
  if (!found.length) return;
  const known = await rooms();
  for (const element of found) {
    const key = keyOf(element, known);
    if (key && key !== KEY) link(element, key);
  }
}

async function offerWayBack(header) {
  const known = await rooms();
  const parent = known.find((room) => room.key === known.find((each) => each.key === KEY)?.parent);
  if (!parent) return;
  const back = document.createElement("span");
  back.className = "demo-back";
  back.textContent = `‹ #${parent.name}`;
  link(back, parent.key);
  header.prepend(back);
  header.classList.add("demo-thread");
  document.getElementById("channel-empty").textContent = "Write what you think of the paper, or run a command.";
}

function open(key) {
  window.top.location.hash = encodeURIComponent(key);
}

async function openMessage(id, message) {
  const key = (await rooms()).find((room) => room.id === id)?.key;
  if (key && key !== KEY) open(key);
  else document.querySelector(`article[data-message-id="${message}"]`)?.scrollIntoView();
}

document.addEventListener("DOMContentLoaded", () => {
  const messages = document.getElementById("channel-message-list");
  const follow = (event) => {
    const key = event.target.closest("[data-room]")?.dataset.room;
    const [, id, message] = TO_A_MESSAGE.exec(event.target.closest("a")?.href) ?? [];
    if (!key && !id) return;
    event.preventDefault();
    if (key) open(key);
    else void openMessage(id, message);
  };
  document.addEventListener("click", follow);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter") follow(event);
  });
  new MutationObserver(() => linkAll(messages)).observe(messages, { childList: true, subtree: true });
  void linkAll(messages);
  void offerWayBack(document.querySelector(".channel-header"));
});
