// Inside the frame: stay at the newest message, as Discord does, unless the visitor has scrolled up.
"use strict";

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
  new ResizeObserver(() => requestAnimationFrame(follow)).observe(messages);
});
