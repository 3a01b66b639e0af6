// Inside the frame: run a whole command line that was typed at once. The preview, like Discord, expects the visitor to
// pick the command first and then its options, and sends anything else as a message that nobody answers.
"use strict";

const LONGEST_NAME = 3; // words
const COMMANDS_ONLY = "The bot reads no messages, only commands. Type / to see them.";
const NO_SUCH_COMMAND = "There is no such command. Type / and pick one from the list: press Enter on it, type what it "
  + "asks for, press Enter again.";
const ONE_MOMENT = "One moment …";
const NOTHING_AFTER_ITS_NAME = "This command takes nothing after its name.";

function offered() {
  return [...document.querySelectorAll(".command-popup:not([hidden]) .command-entry")];
}

function called(entry) {
  return entry.querySelector("strong").textContent;
}

/** Pick the command that *line* begins with; return the rest of the line, or null if it begins with none. */
function pick(box, line) {
  const words = line.split(/\s+/);
  for (let count = Math.min(LONGEST_NAME, words.length); count; count -= 1) {
    const name = words.slice(0, count).join(" ");
    type(box, name);
    const entry = offered().find((each) => called(each) === name);
    if (!entry) continue;
    entry.click();
    return words.slice(count).join(" ");
  }
  return null;
}

/** Return the field of the first option, if the command has one; ask for it if it is optional. */
function firstField(wanted) {
  const field = () => document.querySelector(".command-row .command-option-input");
  if (wanted && !field()) {
    document.querySelector(".command-row .command-ghost")?.click();
    document.querySelector(".command-popup:not([hidden]) .command-suggestion")?.click();
  }
  return field();
}

/** Say *why* *line* is not run, and leave it in the message box, selected, so that what is typed next replaces it. */
function refuse(line, why) {
  const box = put(typedAhead || line);
  if (!typedAhead) box.select();
  typedAhead = "";
  hint(why);
}

let last = Promise.resolve();

/** Run *line* after those before it. Meanwhile the message box takes what is typed next, as in Discord. */
function run(line) {
  put("");
  last = last.then(() => runNow(line)).catch(() => hint(NOT_COMPLETED));
  return last;
}

async function runNow(line) {
  if (busy()) hint(ONE_MOMENT);
  if (!await ready()) return refuse(line, BUSY);
  hint("");
  const box = messageBox() ?? put(""); // the line before this one asks for an option
  typedAhead = box.value;
  const rest = pick(box, line);
  if (rest === null) return refuse(line, NO_SUCH_COMMAND);
  const field = firstField(rest);
  if (rest && !field) return refuse(line, NOTHING_AFTER_ITS_NAME);
  if (rest) type(field, rest);
  else if (field) return; // it asks for an option now
  await submitWhenReady(document.getElementById("channel-composer"));
  if (!busy()) typedAhead = ""; // the command is still in the message box
}

/** Put *line* into the message box and run it, as a click beside the channel does. */
window.runLine = async (line) => {
  put(line);
  await run(line);
  if (matchMedia("(pointer: coarse)").matches) messageBox()?.blur(); // no keyboard over the answer
};

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("channel-composer");
  const box = document.getElementById("channel-composer-input");
  const takes = () => {
    const editing = document.getElementById("send-message").dataset.mode === "Save";
    return box.isConnected && !editing && box.value.trim();
  };
  const take = (event) => {
    const plain = !box.value.startsWith("/");
    if (plain && document.querySelector(".demo-thread")) { // people talk there
      setTimeout(() => hint(COMMANDS_ONLY));
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (plain) refuse(box.value, COMMANDS_ONLY);
    else void run(box.value.trim());
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target !== box || !takes()) return;
    const active = offered().find((entry) => entry.classList.contains("is-active")); // none while the list loads
    if (!active || called(active) === box.value.trim()) take(event);
  }, true);
  document.addEventListener("submit", (event) => {
    if (event.target === form && takes()) take(event);
  }, true);
});
