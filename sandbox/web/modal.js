// Modals, one at a time from the top of the person's stack, and short notices.

import { renderBlocks } from "./blocks.js";
import { el } from "./format.js";

const layer = () => document.getElementById("layer");
const typed = new Map(); // what was typed so far, by view id: an update must not lose it

export function toast(text) {
  const node = el("div", { class: "toast", role: "status" }, text);
  document.body.append(node);
  setTimeout(() => node.remove(), 6000);
}

function plain(object) {
  return typeof object === "string" ? object : object?.text ?? "";
}

function kept(view) {
  const values = typed.get(view.id) ?? new Map();
  typed.set(view.id, values);
  return values;
}

function filledIn(view) {
  const inputs = new Set(view.blocks.filter((block) => block.type === "input").map((block) => block.block_id));
  return Object.fromEntries([...kept(view)].filter(([block]) => inputs.has(block)));
}

function draw(view, context, errors) {
  const values = kept(view);
  const blockContext = {
    ...context, errors, values: Object.fromEntries(values),
    input: (block, element, value) => {
      if (block.type === "input") values.set(block.block_id, value);
      if (block.type !== "input" || block.dispatch_action) blockContext.act(block, element, value);
    },
    act: (block, element, value) =>
      context.perform("click", {
        view_id: view.id, block_id: block.block_id, action_id: element.action_id, value, values: filledIn(view) }),
  };
  const close = () => context.perform("close", { view_id: view.id });
  const submit = async () => {
    const button = layer().querySelector("footer .primary");
    if (button) button.disabled = true;
    const result = await context.perform("submit", { view_id: view.id, values: filledIn(view) });
    if (button) button.disabled = false;
    if (result.error === "errors") draw(view, context, result.errors);
  };
  const box = el("div", { class: "modal", role: "dialog", "aria-modal": "true", "aria-label": plain(view.title), "data-view-id": view.id },
    el("header", {}, el("h2", {}, plain(view.title)),
      el("button", { type: "button", class: "icon", "aria-label": "Close", onclick: close }, "✕")),
    el("div", { class: "body" }, renderBlocks(view.blocks, blockContext)),
    el("footer", {},
      el("button", { type: "button", class: "button", onclick: close }, plain(view.close) || "Cancel"),
      view.submit ? el("button", { type: "button", class: "button primary", onclick: submit }, plain(view.submit)) : null));
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  layer().replaceChildren(el("div", { id: "veil" }, box));
  (box.querySelector("textarea, input[type=text]") ?? box.querySelector("button.primary") ?? box.querySelector("button")).focus();
}

export function showViews(views, context) {
  const top = views.at(-1);
  if (!top) {
    typed.clear();
    layer().replaceChildren();
    return;
  }
  draw(top, context, {});
}
