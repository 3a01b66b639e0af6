// Inside the frame: keep the newest message in view, as Discord does, unless the visitor has scrolled up; scroll to
// the answer to the visitor's action and stay there, even if more is posted below it; and show the names of channels,
// roles and people in embeds, which Discord does but the preview does not.
"use strict";

const MENTION = /(<(?:#|@&?)\d+>)/;
const names = fetch("/demo/mentions").then((answer) => answer.json()).catch(() => ({}));

async function name(root) {
  const known = await names;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (MENTION.test(text.data) && text.parentElement?.closest(".embed-description, .embed-field-value")) {
      found.push(text);
    }
  }
  for (const text of found) {
    text.replaceWith(...text.data.split(MENTION).map((part) => {
      if (!(part in known)) return part;
      const shown = document.createElement("span");
      shown.className = "mention";
      shown.textContent = known[part];
      return shown;
    }));
  }
}

/** Tell whether *article* answers the visitor: it is private, or names the command that it answers. */
function answersVisitor(article) {
  const header = article.querySelector(".message-interaction-header");
  return Boolean(article.querySelector(".message-ephemeral-note") || header?.textContent.startsWith("you used "));
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
  new ResizeObserver(() => requestAnimationFrame(follow)).observe(messages);
});
