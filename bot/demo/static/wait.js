// Inside the frame: let what the visitor does wait until the preview takes it. The preview handles one thing at a time,
// such as a command or a changed size of the window, and drops what comes meanwhile without a word.
"use strict";

const PATIENCE_MS = 10_000;
const CHOICE = ".command-popup:not([hidden]) [aria-selected='true']";
const BUTTON = "button.component-button:not(.button-style-5, .button-style-6)"; // those that the bot answers

/** Tell whether the preview would drop a command or a click now. */
function busy() {
  const { pendingAction, awaitingRevision } = window.simcordPreview;
  return pendingAction !== null || awaitingRevision !== null;
}

/** Wait until the preview drops nothing, has drawn the page, and knows the commands; return whether it drops nothing. */
async function ready() {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until && (busy() || !window.simcordPreview.ready)) {
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  return !busy();
}

let waiting = null;

/** Do *deed* as soon as the preview is ready; only one waits, the last. */
async function whenReady(deed) {
  const alone = waiting === null;
  waiting = deed;
  if (!alone) return;
  const came = await ready();
  const due = waiting;
  waiting = null;
  if (came) due();
  else hint(BUSY);
}

/** Submit *form* as soon as the preview is ready, unless the visitor has left the command by then. */
function submitWhenReady(form) {
  const row = document.querySelector(".command-row");
  return whenReady(() => {
    if (document.querySelector(".command-row") === row) form.requestSubmit();
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("channel-composer");
  const timeline = document.getElementById("channel-timeline");
  const wait = (event, deed) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    void deed();
  };
  document.addEventListener("submit", (event) => {
    if (event.target === form && busy()) wait(event, () => submitWhenReady(form));
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    const submits = event.target.matches(".command-option-input, .command-chip") && !document.querySelector(CHOICE);
    if (submits && busy()) wait(event, () => submitWhenReady(form));
  }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest(BUTTON);
    if (!button || button.disabled || !timeline.contains(button) || !busy()) return;
    const key = CSS.escape(button.dataset.controlKey); // the preview may draw the message anew
    wait(event, () => whenReady(() => timeline.querySelector(`[data-control-key="${key}"]`)?.click()));
  }, true);
});
