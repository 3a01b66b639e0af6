// Inside the frame: keep the newest message in view, as Discord does, unless the visitor has scrolled up; scroll to
// the answer to the visitor's action and stay there, even if more is posted below it; and show the names of channels,
// roles and people in embeds, which Discord does but the preview does not.
"use strict";

const TO_DRAW_MS = 50;
const MENTION = /(<(?:#|@&?)\d+>)/;
const EVERY_MENTION = new RegExp(MENTION, "g");
let names = {};
const unknown = new Set();

async function name(root) {
  const found = mentions(root);
  const strange = found.flatMap((text) => text.data.match(EVERY_MENTION)).filter((part) => !(part in names));
  if (strange.length) { // a thread is new, or nothing has been named yet
    names = await fetch("/demo/mentions").then((answer) => answer.json()).catch(() => names);
    strange.filter((part) => !(part in names)).forEach((part) => unknown.add(part));
  }
  for (const text of found) {
    if (!text.isConnected) continue; // drawn anew meanwhile
    text.replaceWith(...text.data.split(MENTION).map((part) => {
      if (!(part in names)) return part;
      const shown = document.createElement("span");
      shown.className = "mention";
      shown.textContent = names[part];
      return shown;
    }));
  }
}

/** Return the texts in embeds under *root* that hold a mention with a name. */
function mentions(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (text.data.match(EVERY_MENTION)?.some((part) => !unknown.has(part))
      && text.parentElement?.closest(".embed-description, .embed-field-value")) found.push(text);
  }
  return found;
}

/** Tell whether *article* answers the visitor: it is private, or names the command that it answers. */
function answersVisitor(article) {
  const header = article.querySelector(".message-interaction-header");
  return Boolean(article.querySelector(".message-ephemeral-note") || header?.textContent.startsWith("you used "));
}

/** Tell the front page, which shows the previous channel until then, that there is something to read. */
function drawn() {
  window.frameElement?.dispatchEvent(new Event("drawn"));
}

function keepInView(timeline, article) {
  const view = timeline.getBoundingClientRect();
  const place = article.getBoundingClientRect();
  if (place.height > view.height || place.top < view.top) timeline.scrollTop += place.top - view.top;
  else if (place.bottom > view.bottom) timeline.scrollTop += place.bottom - view.bottom;
}

document.addEventListener("DOMContentLoaded", () => {
  const timeline = document.getElementById("channel-timeline");
  const messages = document.getElementById("channel-message-list");
  const composer = document.getElementById("channel-composer");
  let following = true;
  let answer = null;
  let newest = 0n;
  const follow = () => {
    if (answer?.isConnected) keepInView(timeline, answer);
    else if (following) timeline.scrollTop = timeline.scrollHeight;
  };
  const arrive = () => {
    const arrived = [...messages.querySelectorAll("article.channel-message")]
      .filter((article) => BigInt(article.dataset.messageId) > newest);
    if (!arrived.length) return;
    if (newest) answer = arrived.findLast(answersVisitor) ?? answer;
    newest = arrived.map((article) => BigInt(article.dataset.messageId)).reduce((one, two) => (one > two ? one : two));
  };
  const goToEnd = () => {
    answer = null;
    following = true;
  };
  for (const intent of ["wheel", "touchmove", "keyup", "pointerup"]) {
    timeline.addEventListener(intent, (event) => {
      if (intent === "keyup" && event.target.closest("button")) return; // it was pressed, nothing was scrolled
      answer = null;
      requestAnimationFrame(() => {
        following = timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < 80;
      });
    }, { passive: true });
  }
  timeline.addEventListener("click", (event) => {
    answer = event.target.closest("button")?.closest("article.channel-message") ?? answer;
  }, true);
  composer.addEventListener("submit", goToEnd);
  document.getElementById("new-messages").addEventListener("click", goToEnd);
  new MutationObserver(() => {
    arrive();
    name(messages);
  }).observe(messages, { childList: true, subtree: true, characterData: true });
  name(messages);
  new MutationObserver(() => setTimeout(drawn, TO_DRAW_MS))
    .observe(document.getElementById("channel-layout"), { attributes: true, attributeFilter: ["hidden"] });
  new ResizeObserver(() => requestAnimationFrame(follow)).observe(messages);
});
