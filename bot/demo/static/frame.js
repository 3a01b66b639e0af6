// Inside the frame: stay at the newest message, as Discord does, unless the visitor has scrolled up; and show
// the names of channels, roles and people in embeds, which Discord does and the preview leaves out.
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

document.addEventListener("DOMContentLoaded", () => {
  const timeline = document.getElementById("channel-timeline");
  const messages = document.getElementById("channel-message-list");
  const composer = document.getElementById("channel-composer");
  let following = true;
  const follow = () => {
    if (following) timeline.scrollTop = timeline.scrollHeight;
  };
  for (const intent of ["wheel", "touchmove", "keyup", "pointerup"]) {
    timeline.addEventListener(intent, () => {
      requestAnimationFrame(() => {
        following = timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < 80;
      });
    }, { passive: true });
  }
  composer.addEventListener("submit", () => { following = true; });
  new MutationObserver(() => name(messages)).observe(messages, { childList: true, subtree: true, characterData: true });
  name(messages);
  new ResizeObserver(() => requestAnimationFrame(follow)).observe(messages);
});
