// What the pages do beyond links and forms. Everything here is an addition: each page works without it.

const drawer = () => document.getElementById("drawer");
let opener = null;

// A row's details: remember where the reader came from, go there again when the drawer closes.
document.addEventListener("click", (event) => {
  const row = event.target.closest(".row-link");
  if (row) opener = row;
  const close = event.target.closest("[data-close-drawer]");
  if (close && drawer()?.contains(close)) {
    event.preventDefault();
    closeDrawer(close.getAttribute("href"));
  }
  // An open menu closes when the reader goes elsewhere.
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

function closeDrawer(address) {
  drawer().replaceChildren();
  drawer().closest(".desk")?.classList.remove("has-drawer");
  for (const row of document.querySelectorAll("tr.is-open")) row.classList.remove("is-open");
  if (address) history.replaceState(null, "", address);
  if (opener?.isConnected) opener.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (drawer()?.childElementCount) {
    closeDrawer(drawer().querySelector("[data-close-drawer]")?.getAttribute("href"));
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target;
  if (target?.id !== "drawer") return;
  target.closest(".desk")?.classList.add("has-drawer");
  for (const row of document.querySelectorAll("tr.is-open")) row.classList.remove("is-open");
  opener?.closest("tr")?.classList.add("is-open");
  target.focus();
});

// The filter bar stays when the rows change: how many rows each choice would leave comes with the rows.
document.addEventListener("htmx:after:swap", () => {
  const facets = document.getElementById("desk-facets");
  if (!facets) return;
  for (const [name, counts] of Object.entries(JSON.parse(facets.textContent))) {
    for (const option of document.getElementById(`filter-${name}`)?.options ?? []) {
      if (option.value in counts) {
        option.textContent = `${option.dataset.label} (${counts[option.value].toLocaleString("en")})`;
      }
    }
  }
});

// The words of a text and the condition drawn from them point at each other.
function pair(event, on) {
  const part = event.target.closest?.("[data-quote]");
  if (!part) return;
  for (const twin of document.querySelectorAll(`[data-quote="${CSS.escape(part.dataset.quote)}"]`)) {
    twin.classList.toggle("is-paired", on);
  }
}
for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, (event) => pair(event, on));
}

// A link to words of a text: they stay marked until another such link is followed.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#words-"]');
  if (!link) return;
  const key = CSS.escape(link.hash.slice("#words-".length));
  for (const mark of document.querySelectorAll("mark.is-meant")) mark.classList.remove("is-meant");
  for (const mark of document.querySelectorAll(`mark[data-quote="${key}"]`)) mark.classList.add("is-meant");
});

// Buttons that copy a secret, print a page, or must be meant.
document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent.trim());
    copy.textContent = copy.dataset.done;
  }
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
}, true);

// A filter bar that answers while one types must not also reload the page on Enter without need.
for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = false;
