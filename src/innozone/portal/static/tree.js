// The tree of conditions: moved, joined and taken apart by hand; every step can be undone. The field …-shape says how it is.
const bench = document.getElementById("bench");
bench.classList.add("is-live");
const inner = (group) => group.querySelector(":scope > .bench-of");
const join = (group) => group.querySelector(":scope > .bench-join > [data-join]");
const least = (group) => group.querySelector(":scope > .bench-join > [data-n]");
const isGroup = (node) => node?.classList.contains("bench-group");
const above = (node) => node.parentElement.closest(".bench-group");

class Tree {
  constructor(place) {
    this.place = place;
    this.root = place.querySelector(":scope > .bench-group");
    this.field = place.querySelector(":scope > input[name$='-shape']");
    this.item = place.closest(".bench-item");
    this.next = Math.max(-1, ...[...place.querySelectorAll("[data-leaf]")].map((leaf) => Number(leaf.dataset.leaf))) + 1;
    this.past = [];
    this.future = [];
    this.now = this.state(this.root);
  }
  state(node) {
    if (!isGroup(node)) return { node };
    return { node, join: join(node).value, n: least(node).value, of: [...inner(node).children].map((each) => this.state(each)) };
  }
  restore(state) {
    if (!state.of) return;
    join(state.node).value = state.join;
    least(state.node).value = state.n;
    inner(state.node).replaceChildren(...state.of.map((each) => each.node));
    state.of.forEach((each) => this.restore(each));
  }
  shape(node) {
    if (!isGroup(node)) return Number(node.dataset.leaf);
    const group = node.dataset.group === "" ? null : Number(node.dataset.group);
    return { join: join(node).value, n: Number(least(node).value) || 1, group, of: [...inner(node).children].map((each) => this.shape(each)) };
  }
  // Groups that nobody made on purpose: empty ones, new ones of a single condition.
  tidy() {
    for (const group of [...this.place.querySelectorAll(".bench-group:not(.is-root)")].reverse()) {
      const held = inner(group).children;
      if (!held.length) group.remove();
      else if (held.length === 1 && group.dataset.group === "" && join(group).value !== "none") group.replaceWith(held[0]);
    }
  }
  done() {
    this.tidy();
    this.past.push(this.now);
    this.future = [];
    this.show();
  }
  turn(from, to) {
    if (!from.length) return;
    to.push(this.now);
    this.restore(from.pop());
    this.show();
  }
  show() {
    this.now = this.state(this.root);
    this.field.value = JSON.stringify(this.shape(this.root));
    for (const [at, number] of this.place.querySelectorAll(".bench-number").entries()) number.textContent = at + 1;
    for (const group of this.place.querySelectorAll(".bench-group")) least(group).hidden = join(group).value !== "at_least";
    this.item.querySelector("[data-act=undo]").disabled = !this.past.length;
    this.item.querySelector("[data-act=redo]").disabled = !this.future.length;
    this.field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  group(parent) {
    const made = document.getElementById("bench-group").content.firstElementChild.cloneNode(true);
    join(made).value = join(parent).value === "all" ? "any" : "all";
    return made;
  }
  // Each step says whether it changed anything.
  up(node) {
    const before = node.previousElementSibling ?? (above(node) === this.root ? null : above(node));
    before?.before(node);
    return before;
  }
  down(node) {
    const after = node.nextElementSibling ?? (above(node) === this.root ? null : above(node));
    after?.after(node);
    return after;
  }
  out(node) {
    const group = above(node);
    if (group === this.root) return null;
    group.after(node);
    return group;
  }
  in(node) {
    const before = node.previousElementSibling;
    if (!before) return null;
    if (isGroup(before)) inner(before).append(node);
    else {
      const made = this.group(above(node));
      before.before(made);
      inner(made).append(before, node);
    }
    return before;
  }
  dissolve(group) {
    group.replaceWith(...inner(group).children);
    return group;
  }
  async add(group, words = "", after = null) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", bench.elements.csrfmiddlewaretoken.value);
    body.set("item", this.place.dataset.item);
    body.set("first", this.next);
    body.set("words", words);
    const answer = await fetch(this.place.dataset.leafUrl, { method: "POST", body });
    if (!answer.ok) return;
    const made = [...new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("fieldset.bench-leaf")];
    this.next += made.length;
    if (after) after.after(...made);
    else inner(group).append(...made);
    made.forEach((leaf) => htmx.process(leaf));
    this.done();
    made[0]?.querySelector("input[data-complete]").focus();
  }
}

const trees = new Map([...bench.querySelectorAll(".bench-tree")].map((place) => [place, new Tree(place)]));
const treeOf = (node) => trees.get(node.closest(".bench-tree") ?? node.closest(".bench-item")?.querySelector(".bench-tree"));
let last = [...trees.values()][0];

function act(name, from) {
  const tree = treeOf(from);
  last = tree;
  if (name === "undo") return tree.turn(tree.past, tree.future);
  if (name === "redo") return tree.turn(tree.future, tree.past);
  const node = from.closest(".bench-leaf, .bench-group");
  if (name === "add") return tree.add(node);
  if (!tree[name](node)) return;
  tree.done();
  if (from.isConnected) from.focus();
}
bench.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button) act(button.dataset.act, button);
});
bench.addEventListener("change", (event) => {
  if (event.target.matches("[data-join], [data-n]")) treeOf(event.target).done();
});
const keys = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };
bench.addEventListener("keydown", (event) => {
  const name = event.altKey && event.shiftKey && keys[event.key];
  const node = name && event.target.closest(".bench-leaf, .bench-group:not(.is-root)");
  if (!node) return;
  event.preventDefault();
  act(name, event.target);
});
// In a field the browser undoes what was typed; everywhere else the last step of the tree is undone.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || !last) return;
  if (event.target.matches("input:not([type=checkbox]), textarea")) return;
  event.preventDefault();
  if (event.shiftKey) last.turn(last.future, last.past);
  else last.turn(last.past, last.future);
});
// Words that were marked in the text become conditions, behind the one that was worked on last.
bench.addEventListener("words", (event) => {
  const leaf = event.detail.leaf?.isConnected ? event.detail.leaf : null;
  const tree = leaf ? treeOf(leaf) : last;
  if (!tree) return;
  last = tree;
  tree.add(tree.root, event.detail.words, leaf);
});
