// Inside the frame: run a whole command line that was typed at once. The preview, like Discord, expects the visitor to
// pick the command first and then its options, and sends anything else as a message that nobody answers.
"use strict";

const LONGEST_NAME = 3; // words

function type(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

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
  type(box, line);
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

function hint(form, text) {
  form.querySelector(".demo-hint")?.remove();
  if (!text) return;
  const shown = document.createElement("p");
  shown.className = "demo-hint";
  shown.setAttribute("role", "status");
  shown.textContent = text;
  form.prepend(shown);
}

async function run(form, box) {
  await ready();
  if (!box.isConnected || !box.value.trim()) return; // Enter was pressed twice
  const rest = pick(box, box.value.trim());
  if (rest === null) {
    hint(form, "There is no such command. Type / and pick one from the list: press Enter on it, type what it asks "
      + "for, press Enter again.");
    return;
  }
  const field = firstField(rest);
  if (rest && !field) {
    hint(form, "This command takes nothing after its name. Press Enter to run it.");
    return;
  }
  if (rest) type(field, rest);
  else if (field) return; // it asks for an option now
  await submitWhenReady(form);
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("channel-composer");
  const box = document.getElementById("channel-composer-input");
  const take = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    void run(form, box);
  };
  document.addEventListener("input", () => hint(form, ""));
  const holdsLine = () => {
    const editing = document.getElementById("send-message").dataset.mode === "Save";
    return box.isConnected && !editing && /^\/\S/.test(box.value);
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target !== box || !holdsLine()) return;
    const active = offered().find((entry) => entry.classList.contains("is-active")); // none while the list loads
    if (!active || called(active) === box.value.trim()) take(event);
  }, true);
  document.addEventListener("submit", (event) => {
    if (event.target === form && holdsLine()) take(event);
  }, true);
});
