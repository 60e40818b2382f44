// One message: who, when, what, and what can be done with it.

import { renderBlocks } from "./blocks.js";
import { dateNode, el, mrkdwn } from "./format.js";

const SHADES = ["#5b3fa0", "#00785c", "#a4510b", "#11638f", "#94355c", "#4d6b1a"];

function avatar(user) {
  const name = user?.display_name || user?.real_name || user?.name || "?";
  const shade = user?.color ? `#${user.color.replace("#", "")}` : SHADES[(user?.id ?? "x").charCodeAt((user?.id ?? "x").length - 1) % SHADES.length];
  const letters = name.split(/\s+/).map((word) => word[0]).join("").slice(0, 2).toUpperCase();
  return el("div", { class: "avatar", style: `background:${shade}`, "aria-hidden": "true" }, letters);
}

function repliesButton(message, context) {
  if (context.inThread || !message.reply_count) return null;
  const words = `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`;
  return el("button", { type: "button", class: "replies", onclick: () => context.openThread(message.channel, message.ts) }, `💬 ${words} · open thread`);
}

function shortcutMenu(message, context) {
  const menu = el("div", { class: "shortcuts", role: "menu" },
    context.shortcuts.filter((s) => s.type === "message").map((s) =>
      el("button", { type: "button", role: "menuitem", title: s.description, onclick: () => {
        menu.remove();
        context.perform("shortcut", { callback_id: s.callback_id, channel: message.channel, message_ts: message.ts });
      } }, s.name)));
  setTimeout(() => document.addEventListener("click", () => menu.remove(), { once: true }));
  return menu;
}

function tools(message, context) {
  if (message.ephemeral) {
    return el("div", { class: "tools" }, el("button", { type: "button", class: "icon", title: "Dismiss", "aria-label": "Dismiss",
      onclick: () => context.perform("dismiss", { ts: message.ts }) }, "✕"));
  }
  const bar = el("div", { class: "tools" },
    context.inThread ? null : el("button", { type: "button", class: "icon", title: "Reply in thread", "aria-label": "Reply in thread",
      onclick: () => context.openThread(message.channel, message.ts) }, "💬"),
    el("button", { type: "button", class: "icon", title: "Shortcuts", "aria-label": "Message shortcuts",
      onclick: () => bar.append(shortcutMenu(message, context)) }, "⋮"));
  return bar;
}

// Pictures as pictures, other files as links that open or save them.
function attached(message) {
  if (!message.files?.length) return null;
  return el("div", { class: "files" }, message.files.map((file) =>
    file.picture ? el("img", { src: `/ui/files/${file.id}`, alt: file.name, title: file.name })
      : el("a", { href: `/ui/files/${file.id}`, target: "_blank", rel: "noopener" }, `📎 ${file.name}`)));
}

function reactions(message) {
  return (message.reactions ?? []).length
    ? el("div", { class: "context" }, message.reactions.map((r) => el("span", {}, `:${r.name}: ${r.count}`)))
    : null;
}

export function messageNode(message, context) {
  const user = context.users[message.user];
  const acting = { ...context, act: (block, element, value) => context.perform("click", {
    channel: message.channel, message_ts: message.ts, block_id: block.block_id, action_id: element.action_id, value,
  }) };
  const at = Number(message.ts.split(".")[0]);
  return el("article", { class: `message${message.ephemeral ? " private" : ""}`, "data-ts": message.ts, tabindex: "-1" },
    avatar(user),
    el("div", {},
      message.ephemeral ? el("div", { class: "only" }, "👁 Only visible to you") : null,
      el("div", { class: "meta" },
        el("b", {}, user?.display_name || user?.real_name || message.user || "Slackbot"),
        message.bot ? el("span", { class: "app" }, "app") : null,
        dateNode(at, "{day_divider_pretty} {time}", context.now()),
        message.edited ? el("small", {}, "(edited)") : null),
      el("div", { class: "body" }, message.blocks?.length ? renderBlocks(message.blocks, acting) : mrkdwn(message.text ?? "", acting)),
      attached(message), reactions(message), repliesButton(message, context)),
    tools(message, context));
}
