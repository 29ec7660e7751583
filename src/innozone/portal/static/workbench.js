// The policy workbench: words and conditions lead to each other, words are completed, selected words become a quote.
const bench = document.getElementById("bench");

// On a narrow screen either the text or the conditions stand there.
const split = bench.querySelector(".split-bench");
const narrow = matchMedia("(max-width: 991px)");
function show(part) {
  split.dataset.shown = part;
  for (const button of bench.querySelectorAll(".bench-switch [data-show]")) button.setAttribute("aria-pressed", String(button.dataset.show === part));
}
bench.addEventListener("click", (event) => {
  const button = event.target.closest(".bench-switch [data-show]");
  if (button) return show(button.dataset.show);
  const words = narrow.matches && event.target.closest(".bench-quote > span")?.closest("fieldset.bench-leaf");
  const mark = words && bench.querySelector(`mark.quote[data-quote="${CSS.escape(words.dataset.quote)}"]`);
  if (!mark) return;
  event.preventDefault();
  show("text");
  bringIn(mark);
  mark.focus({ preventScroll: true });
});

// From a condition to its words, from words to their condition.
function bringIn(part) {
  part?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}
for (const mark of bench.querySelectorAll("mark.quote[data-quote]")) {
  mark.tabIndex = 0;
  mark.setAttribute("role", "link");
}
function follow(event) {
  const mark = event.target.closest?.("mark.quote[data-quote]");
  if (!mark) return;
  const leaf = bench.querySelector(`fieldset[data-quote="${CSS.escape(mark.dataset.quote)}"]`);
  if (leaf) show("rules");
  bringIn(leaf);
  leaf?.querySelector("input[data-complete]")?.focus({ preventScroll: true });
}
bench.addEventListener("click", follow);
bench.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches?.("mark.quote")) { event.preventDefault(); follow(event); }
});
let focused = null;
bench.addEventListener("focusin", (event) => {
  const leaf = event.target.closest("fieldset.bench-leaf");
  if (!leaf || leaf === focused) return;
  focused = leaf;
  const key = leaf.dataset.quote;
  if (key && !narrow.matches) bringIn(bench.querySelector(`mark.quote[data-quote="${CSS.escape(key)}"]`));
});

// Words selected in the text become those of the condition that was worked on last, or conditions of their own.
const offer = Object.assign(document.createElement("div"), { className: "use-quote", hidden: true });
const use = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: bench.dataset.useQuote });
const read = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: bench.dataset.readWords });
offer.append(use, read);
document.body.append(offer);
const selected = () => String(document.getSelection()).trim();
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const inside = selection.rangeCount && bench.querySelector(".paper .text")?.contains(selection.anchorNode);
  const words = selected();
  offer.hidden = !(inside && words && words.length <= 400 && bench.querySelector(".bench-tree"));
  if (offer.hidden) return;
  use.hidden = !focused || words.includes("\n");
  const box = selection.getRangeAt(0).getBoundingClientRect();
  offer.style.left = `${Math.max(8, Math.min(box.left, innerWidth - 260)) + scrollX}px`;
  offer.style.top = `${box.bottom + scrollY + 6}px`;
});
use.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  const field = focused.querySelector('input[name$="-quote"]');
  field.value = selected();
  field.dispatchEvent(new Event("change", { bubbles: true }));
  document.getSelection().removeAllRanges();
  offer.hidden = true;
  field.focus();
});
read.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  bench.dispatchEvent(new CustomEvent("words", { detail: { words: selected(), leaf: focused } }));
  document.getSelection().removeAllRanges();
  offer.hidden = true;
});

// Completion: the word before the cursor, by code or label.
const list = Object.assign(document.createElement("ul"), { className: "complete", id: "complete", hidden: true });
list.setAttribute("role", "listbox");
document.body.append(list);
let field = null, from = 0, asked = 0, timer = 0;
const word = /[\p{L}\p{N}_]+$/u;
function close() { list.hidden = true; field?.removeAttribute("aria-activedescendant"); }
function choose(item) {
  const rest = field.value.slice(field.selectionStart);
  const before = field.value.slice(0, from) + item.dataset.insert;
  field.value = before + rest;
  field.setSelectionRange(before.length, before.length);
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
async function ask(input) {
  const typed = input.value.slice(0, input.selectionStart).match(word)?.[0] ?? "";
  if (typed.length < (/^[\x00-\x7f]+$/.test(typed) ? 2 : 1)) return close();
  const number = ++asked;
  const answer = await fetch(`${bench.dataset.words}?q=${encodeURIComponent(typed)}`);
  if (!answer.ok || number !== asked || document.activeElement !== input) return;
  const { words } = await answer.json();
  if (!words.length || (words.length === 1 && words[0].insert === typed)) return close();
  field = input;
  from = input.selectionStart - typed.length;
  list.replaceChildren(...words.map((entry, at) => {
    const item = document.createElement("li");
    item.id = `complete-${at}`;
    item.setAttribute("role", "option");
    item.dataset.insert = entry.insert;
    const label = document.createElement("span"), code = document.createElement("code");
    label.textContent = entry.label;
    code.textContent = entry.insert;
    item.append(label, code);
    return item;
  }));
  const box = input.getBoundingClientRect();
  list.style.left = `${box.left + scrollX}px`;
  list.style.top = `${box.bottom + scrollY + 2}px`;
  list.style.width = `${Math.min(box.width, 480)}px`;
  list.hidden = false;
  input.setAttribute("aria-controls", "complete");
}
bench.addEventListener("input", (event) => {
  if (!event.target.matches?.("input[data-complete]")) return;
  clearTimeout(timer);
  timer = setTimeout(ask, 120, event.target);
});
bench.addEventListener("keydown", (event) => {
  if (list.hidden || event.target !== field) return;
  const items = [...list.children];
  const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (event.key === "Escape") { close(); return event.preventDefault(); }
  if (event.key === "Enter" || event.key === "Tab") {
    if (at < 0) return close();
    event.preventDefault();
    return choose(items[at]);
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const next = (at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + items.length) % items.length;
  for (const item of items) item.removeAttribute("aria-selected");
  items[next].setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", items[next].id);
});
list.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  const item = event.target.closest("li");
  if (item) choose(item);
});
document.addEventListener("focusout", (event) => { if (event.target === field) close(); });

// What is written here and not saved is not left by mistake.
let unsaved = false;
for (const kind of ["input", "change"]) bench.addEventListener(kind, (event) => { if (event.isTrusted) unsaved = true; });
bench.addEventListener("submit", () => { unsaved = false; });
bench.addEventListener("htmx:after:swap", () => { if (bench.querySelector("#bench-problems .note")) unsaved = true; });
addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
