// The box people type in: messages, and slash commands where Slack allows them.

import { el } from "./format.js";

function suggestions(state, text, choose) {
  if (!/^\/\S*$/.test(text)) return null;
  const fitting = state.commands.filter((c) => c.command.startsWith(text));
  if (!fitting.length) return null;
  return el("div", { class: "suggest", role: "listbox" }, fitting.map((c) =>
    el("button", { type: "button", role: "option", onclick: () => choose(`${c.command} `) },
      el("b", {}, c.command), el("small", {}, c.usage_hint ?? c.description ?? ""))));
}

export function composer({ state, perform, channel, thread }) {
  const box = el("textarea", { rows: 1, placeholder: thread ? "Reply in thread: stays inside the company" : "Message, or / for a command", "aria-label": "Message" });
  const note = el("div", { class: "note" }, "");
  const send = el("button", { type: "submit", "aria-label": "Send", disabled: true }, "➤");
  const form = el("form", {}, box, send);
  const wrap = el("div", { class: "composer" }, form, note);

  const suggest = () => {
    wrap.querySelector(".suggest")?.remove();
    const menu = suggestions(state, box.value, (text) => { box.value = text; box.focus(); suggest(); });
    if (menu) wrap.prepend(menu);
  };
  const grow = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 140)}px`;
    send.disabled = !box.value.trim();
    suggest();
  };
  const submit = async () => {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    grow();
    const command = /^(\/\S+)\s*([\s\S]*)$/.exec(text);
    const where = thread ? { channel, thread_ts: thread } : { channel };
    const result = command
      ? await perform("command", { ...where, command: command[1], text: command[2] })
      : await perform("post", { ...where, text });
    note.className = result.ok ? "note" : "note bad";
    note.textContent = result.ok ? "" : result.message ?? result.error;
    if (!result.ok) { box.value = text; grow(); }
  };
  box.addEventListener("input", grow);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
    if (event.key === "Escape") wrap.querySelector(".suggest")?.remove();
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  return wrap;
}
