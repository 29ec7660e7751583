// A slider writes into its field, and the field says what is asked: without this script the fields alone do the same.

const written = (knob, value) => {
  const { divisor, prefix, suffix } = knob.dataset;
  const number = Number((value / Number(divisor)).toPrecision(12));
  return prefix + number.toLocaleString("en", { maximumFractionDigits: 8 }) + suffix;
};

function mark(knob) {
  const value = read(knob, knob.querySelector("input[name]").value);
  knob.classList.toggle("is-moved", value !== Number(knob.dataset.present));
}

// The stored value of what stands in a field; NaN for what the server will have to say something about. A bare number is
// in 元, or in per cent.
function read(knob, text) {
  const { divisor, prefix, suffix } = knob.dataset;
  const plain = text.trim().replaceAll(",", "").replace(prefix, "");
  const own = suffix && plain.endsWith(suffix);
  const number = own ? plain.slice(0, -suffix.length) : plain;
  return number === "" ? NaN : Number(number) * (own || suffix === "%" || !suffix ? Number(divisor) : 1);
}

// Before htmx hears of it: the field must hold the new figure by then.
document.addEventListener("input", (event) => {
  if (event.target.form?.id === "figures" && event.target.name === "day") {
    // Other facts are another page: its heading, sliders and scenarios too.
    event.stopImmediatePropagation();
    event.target.form.submit();
    return;
  }
  const knob = event.target.closest?.("[data-knob]");
  if (!knob) return;
  const focus = knob.closest("form").elements.focus;
  const field = knob.querySelector("input[name]"), slider = knob.querySelector("[data-slider]");
  focus.value = field.name;
  if (event.target === slider) {
    field.value = written(knob, Number(slider.value));
    field.classList.remove("is-invalid");
  } else {
    const value = read(knob, field.value);
    if (!Number.isNaN(value)) slider.value = value;
  }
  mark(knob);
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
