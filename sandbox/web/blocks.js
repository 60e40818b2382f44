// Block Kit as DOM. `context` carries names, the viewer, the clock and `act`, which a pressed element calls.

import { chart } from "./charts.js";
import { dateNode, el, emoji, linkNode, mentionNode, textObject } from "./format.js";

// --- rich text --------------------------------------------------------------------------------

function decorate(node, style = {}) {
  let out = node;
  for (const [name, tag] of [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"]])
    if (style[name]) out = el(tag, {}, out);
  return out;
}

const INLINE = {
  text: (e) => decorate(el("span", { class: "run" }, e.text), e.style),
  emoji: (e) => document.createTextNode(e.unicode ? String.fromCodePoint(...e.unicode.split("-").map((h) => parseInt(h, 16))) : emoji(`:${e.name}:`)),
  link: (e) => decorate(linkNode(e.url, e.text ?? e.url), e.style),
  user: (e, c) => mentionNode("user", e.user_id, c.names, c.me),
  usergroup: (e, c) => mentionNode("group", e.usergroup_id, c.names, c.me),
  channel: (e, c) => mentionNode("channel", e.channel_id, c.names, c.me),
  broadcast: (e) => el("span", { class: "mention loud" }, `@${e.range}`),
  date: (e, c) => decorate(dateNode(e.timestamp, e.format, c.now()), e.style),
};

const inline = (elements, c) => elements.map((e) => (INLINE[e.type] ?? (() => ""))(e, c));

const RICH = {
  rich_text_section: (e, c) => el("div", { class: "rich" }, inline(e.elements, c)),
  rich_text_quote: (e, c) => el("blockquote", {}, inline(e.elements, c)),
  rich_text_preformatted: (e, c) => el("pre", {}, inline(e.elements, c)),
  rich_text_list: (e, c) =>
    el(e.style === "ordered" ? "ol" : "ul", { style: `margin-left:${(e.indent ?? 0) * 1.2}em` },
      e.elements.map((item) => el("li", {}, inline(item.elements, c)))),
};

// --- interactive elements ---------------------------------------------------------------------

function confirmed(element, context, go) {
  return () => (element.confirm ? context.confirm(element.confirm, go) : go());
}

function menuOptions(element) {
  return element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
}

function select(element, block, context) {
  const options = menuOptions(element);
  const node = el("select", { class: "select", "aria-label": element.placeholder?.text ?? "Choose" },
    el("option", { value: "" }, element.placeholder?.text ?? "Choose…"),
    options.map((o) => el("option", { value: o.value, selected: element.initial_option?.value === o.value }, o.text.text)));
  node.addEventListener("change", () => {
    const chosen = options.find((o) => o.value === node.value);
    if (chosen) (context.input ?? context.act)(block, element, chosen.value);
  });
  return node;
}

function people(element, block, context) {
  const node = el("select", { class: "select", "aria-label": element.placeholder?.text ?? "Choose a person" },
    el("option", { value: "" }, element.placeholder?.text ?? "Choose a person…"),
    Object.entries(context.names.people).map(([id, name]) =>
      el("option", { value: id, selected: element.initial_user === id }, name)));
  node.addEventListener("change", () => node.value && (context.input ?? context.act)(block, element, node.value));
  return node;
}

function overflow(element, block, context) {
  const menu = el("details", { class: "overflow" },
    el("summary", { "aria-label": "More actions", title: "More actions" }, "⋯"),
    el("div", { class: "menu", role: "menu" },
      element.options.map((o) =>
        el("button", { type: "button", role: "menuitem", onclick: () => {
          menu.open = false;
          confirmed(element, context, () => context.act(block, element, o.value))();
        } }, textObject(o.text, context), o.description ? el("small", {}, o.description.text) : null))));
  return menu;
}

function button(element, block, context) {
  const press = confirmed(element, context, () => context.act(block, element));
  return el("button", {
    type: "button", class: `button ${element.style ?? ""}`, "aria-label": element.accessibility_label,
    onclick: () => { if (element.url) window.open(element.url, "_blank", "noopener"); press(); },
  }, textObject(element.text, context));
}

const NEARLY_FULL = 100; // Slack counts the characters left only near the end

function textInput(element, block, context) {
  const shared = {
    class: "text", placeholder: element.placeholder?.text, maxlength: element.max_length ?? 3000,
    minlength: element.min_length, autofocus: element.focus_on_load,
  };
  const node = element.multiline ? el("textarea", { ...shared, rows: 6 }) : el("input", { ...shared, type: "text" });
  node.value = context.values?.[block.block_id] ?? element.initial_value ?? "";
  const left = element.max_length ? el("small", { class: "left" }) : null;
  const count = () => {
    const room = element.max_length - node.value.length;
    if (left) left.textContent = room < NEARLY_FULL ? `${room} left` : "";
  };
  node.addEventListener("input", () => { count(); context.input?.(block, element, node.value); });
  count();
  return el("div", { class: "field" }, node, left);
}

function choices(kind) {
  return (element, block, context) => {
    const chosen = new Set((element.initial_options ?? [element.initial_option]).filter(Boolean).map((o) => o.value));
    return el("div", { class: "choices" }, element.options.map((o) => {
      const box = el("input", { type: kind, name: element.action_id, value: o.value, checked: chosen.has(o.value) });
      box.addEventListener("change", () => {
        const boxes = [...box.closest(".choices").querySelectorAll("input:checked")].map((b) => b.value);
        (context.input ?? context.act)(block, element, kind === "checkbox" ? boxes : boxes[0]);
      });
      return el("label", {}, box, " ", textObject(o.text, context), o.description ? el("small", {}, " ", o.description.text) : null);
    }));
  };
}

// Any number of options, folded away until somebody looks.
function several(element, block, context) {
  const chosen = (element.initial_options ?? []).map((o) => o.text.text).join(", ");
  return el("details", { class: "several" },
    el("summary", {}, chosen || element.placeholder?.text || "Choose…"), choices("checkbox")(element, block, context));
}

// Files are brought to the sandbox at once; the form then holds their ids.
function fileInput(element, block, context) {
  const node = el("input", { class: "text", type: "file", multiple: (element.max_files ?? 10) > 1,
    accept: element.filetypes?.map((ending) => `.${ending}`).join(",") });
  const kept = context.values?.[block.block_id]?.length;
  const told = el("small", { class: "hint" }, kept ? `${kept} attached` : "");
  node.addEventListener("change", async () => {
    const ids = [];
    for (const file of node.files) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const content = btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
      ids.push((await context.perform("upload", { name: file.name, content })).file);
    }
    context.input?.(block, element, ids.filter(Boolean));
    told.textContent = `${ids.length} attached`;
  });
  return el("div", { class: "field" }, node, told);
}

function dated(kind, field) {
  return (element, block, context) => {
    const node = el("input", { class: "text", type: kind, value: element[`initial_${field}`] });
    node.addEventListener("change", () => (context.input ?? context.act)(block, element, node.value));
    return node;
  };
}

const ELEMENTS = {
  button, overflow, static_select: select, multi_static_select: several, users_select: people, plain_text_input: textInput,
  file_input: fileInput, checkboxes: choices("checkbox"), radio_buttons: choices("radio"),
  datepicker: dated("date", "date"), timepicker: dated("time", "time"),
  image: (e) => el("span", { class: "image" }, `🖼 ${e.alt_text}`),
};

export function element(e, block, context) {
  return ELEMENTS[e.type] ? ELEMENTS[e.type](e, block, context) : el("span", { class: "unknown" }, `[${e.type}]`);
}

// A table whose first row names its columns; rows beyond the first page open below it.
function cell(tag, c, context) {
  return el(tag, {}, c.type === "rich_text" ? c.elements.map((e) => (RICH[e.type] ?? (() => ""))(e, context)) : String(c.text ?? c.value ?? ""));
}

function dataTable(b, c) {
  const [head, ...rows] = b.rows;
  const part = (some) => el("tbody", {}, some.map((row) => el("tr", {}, row.map((one, i) => cell(i === (b.row_header_column_index ?? 0) ? "th" : "td", one, c)))));
  const whole = (some) => el("table", {}, el("thead", {}, el("tr", {}, head.map((one) => cell("th", one, c)))), part(some));
  const size = b.page_size ?? 5, more = rows.slice(size);
  return el("figure", { class: "data" }, b.caption ? el("figcaption", {}, b.caption) : null, whole(rows.slice(0, size)),
    more.length ? el("details", {}, el("summary", {}, `${more.length} more`), whole(more)) : null);
}

// --- blocks -----------------------------------------------------------------------------------

const BLOCKS = {
  header: (b, c) => el("h3", {}, textObject(b.text, c)),
  divider: () => el("hr"),
  section: (b, c) => el("div", { class: "section" },
    el("div", { class: "words" }, textObject(b.text, c),
      b.fields ? el("div", { class: "fields" }, b.fields.map((f) => el("div", {}, textObject(f, c)))) : null),
    b.accessory ? element(b.accessory, b, c) : null),
  context: (b, c) => el("div", { class: "context" }, b.elements.map((e) =>
    el("span", {}, e.type === "image" ? element(e, b, c) : textObject(e, c)))),
  actions: (b, c) => el("div", { class: "actions" }, b.elements.map((e) => element(e, b, c))),
  rich_text: (b, c) => el("div", { class: "rich-block" }, b.elements.map((e) => (RICH[e.type] ?? (() => ""))(e, c))),
  image: (b) => el("figure", {}, el("span", { class: "image" }, `🖼 ${b.alt_text}`), b.title ? el("figcaption", {}, b.title.text) : null),
  input: (b, c) => el("div", { class: "input", "data-block": b.block_id },
    el("label", { class: "label" }, textObject(b.label, c), b.optional ? el("small", {}, " (optional)") : null),
    element(b.element, b, c),
    b.hint ? el("small", { class: "hint" }, textObject(b.hint, c)) : null,
    el("small", { class: "error", role: "alert" }, c.errors?.[b.block_id] ?? "")),
  data_table: dataTable,
  data_visualization: (b) => chart(b),
  alert: (b, c) => el("div", { class: `alert ${b.level ?? ""}` }, textObject(b.text, c)),
  markdown: (b) => el("div", { class: "section" }, b.text),
  container: (b, c) => el("details", { class: "container", open: !b.default_collapsed },
    el("summary", {}, b.title ? textObject(b.title, c) : "Details"), renderBlocks(b.elements ?? b.blocks ?? [], c)),
  table: (b) => el("table", {}, el("tbody", {}, (b.rows ?? []).map((row) =>
    el("tr", {}, row.map((cell) => el("td", {}, cell.text ?? "")))))),
};

export function renderBlocks(blocks, context) {
  return blocks.map((b) => (BLOCKS[b.type] ? BLOCKS[b.type](b, context) : el("div", { class: "unknown" }, `[${b.type}]`)));
}
