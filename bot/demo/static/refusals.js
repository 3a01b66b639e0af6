// Inside the frame: keep the message box free. The preview leaves a command in the box, where nothing else can be typed,
// until it succeeds: if it is refused or takes too long, for good. It says why only in its own tools, which are hidden.
"use strict";

const BUSY = "The demo is still busy with something else. Try again in a moment.";
const NOT_COMPLETED = "That took too long or went wrong. If there is an answer, it still comes; otherwise, try again.";
const BAD_VALUE = "This command does not take that value. Type / to see what it takes.";
const DEEDS = new Set(["run_command", "click", "select", "modal_submit"]);
let deed = null;
let typedAhead = "";

/** Show *text* above the message box until something is typed; without a text, show nothing. */
function hint(text) {
  const form = document.getElementById("channel-composer");
  form.querySelector(".demo-hint")?.remove();
  if (!text) return;
  const shown = document.createElement("p");
  shown.className = "demo-hint";
  shown.setAttribute("role", "status");
  shown.textContent = text;
  form.prepend(shown);
}

/** Return the message box, or null while a command with its options takes its place. */
function messageBox() {
  return document.getElementById("channel-composer-input");
}

function type(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Leave whatever the message box is busy with, and put *line* into it; return the box. */
function put(line) {
  document.querySelector("#modal-root .button-secondary")?.click(); // Cancel
  document.querySelector(".command-context-close")?.click();
  document.querySelector("#reply-context:not([hidden]) #reply-cancel")?.click();
  const box = messageBox();
  type(box, line);
  box.focus();
  return box;
}

/** Tell whether the bot answered *action*; it answers a refusal, too, which the preview takes for a failure. */
function answered(action) {
  return action.settlement === "settled"
    || (action.settlement !== "timeout" && ["acknowledged", "deferred"].includes(action.acknowledgement));
}

/** Free the message box as soon as its command is on the way; if it was not answered, put it back and say so. */
function watch({ pendingAction, lastAction: last, commandPicker: { draft } }) {
  const { kind, requestId } = pendingAction ?? {};
  if (DEEDS.has(kind)) {
    if (requestId === deed?.requestId) return;
    deed = { requestId, line: "" };
    if (kind !== "run_command" || !draft) return;
    const filled = draft.options.filter((option) => option.present).map((option) => option.display);
    deed.line = [`/${draft.invocation}`, ...filled].join(" ");
    put(typedAhead);
    typedAhead = "";
  } else if (deed && last?.requestId === deed.requestId && last.settlement !== "pending") {
    const { line } = deed;
    deed = null;
    if (answered(last)) return;
    if (line && messageBox()?.value === "") put(line).select();
    hint(last.diagnostics.some((item) => item.code === "command-option-invalid") ? BAD_VALUE : NOT_COMPLETED);
  }
}

document.addEventListener("DOMContentLoaded", () => {
  document.addEventListener("input", (event) => {
    hint("");
    const field = event.target;
    if (field.matches(".command-option-input") && field.value.startsWith("/")) put(field.value); // another command
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target.matches(".command-chip")) {
      event.preventDefault();
      put("/");
    } else if (event.key === "Escape" && document.querySelector(".command-row, #channel-composer:not([hidden])")
      && event.target.closest("#channel-composer")) {
      put("");
    }
  });
  document.addEventListener("focusin", ({ target }) => { // so that what is typed replaces what was refused
    if (target.matches(".command-option-input[aria-invalid]")) setTimeout(() => target.select());
  });
  new MutationObserver(() => watch(window.simcordPreview))
    .observe(document.getElementById("action-status"), { childList: true });
});
