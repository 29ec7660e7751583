// A slider writes into its field, and the field says what is asked: without this script the fields alone do the same.

const written = (knob, value) => {
  const { divisor, prefix, suffix } = knob.dataset;
  const number = Number((value / Number(divisor)).toPrecision(12));
  return prefix + number.toLocaleString("en", { maximumFractionDigits: 8 }) + suffix;
};

function mark(knob) {
  const slider = knob.querySelector("[data-slider]");
  knob.classList.toggle("is-moved", Number(slider.value) !== Number(knob.dataset.present));
}

// Before htmx hears of it: the field must hold the new figure by then.
document.addEventListener("input", (event) => {
  const knob = event.target.closest?.("[data-knob]");
  if (!knob) return;
  const focus = knob.closest("form").elements.focus;
  const field = knob.querySelector("input[name]");
  focus.value = field.name;
  if (event.target.dataset.slider) {
    field.value = written(knob, Number(event.target.value));
    field.classList.remove("is-invalid");
    mark(knob);
  }
}, true);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reset]");
  if (!button) return;
  const knob = button.closest("[data-knob]");
  const field = document.getElementById(button.dataset.reset);
  field.value = button.dataset.text;
  knob.querySelector("[data-slider]").value = knob.dataset.present;
  mark(knob);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// What a reader has opened or closed stays so when the figures move.
const opened = new Map();
document.addEventListener("click", (event) => {
  const part = event.target.closest("#groups details[id] > summary")?.parentElement;
  if (part) opened.set(part.id, !part.open);
});
document.addEventListener("htmx:after:swap", () => {
  for (const [id, open] of opened) document.getElementById(id)?.toggleAttribute("open", open);
});
