// The page's state and its three panes. The server's feed is the only thing that changes messages.

import { act, follow, read } from "./api.js";
import { composer } from "./composer.js";
import { ageDates, clockText, el, readIn } from "./format.js";
import { messageNode } from "./message.js";
import { showViews, toast } from "./modal.js";
import { renderBlocks } from "./blocks.js";

const $ = (id) => document.getElementById(id);
const state = {
  me: null, team: null, users: {}, groups: {}, channels: {}, commands: [], shortcuts: [], clock: { now: 0, speed: 1, read: 0 },
  place: null, thread: null, unread: {}, mentions: {}, home: null, source: null,
};

const now = () => new Date((state.clock.now + ((performance.now() - state.clock.read) / 1000) * state.clock.speed) * 1000);

export const context = () => ({
  me: state.me, now,
  names: {
    people: Object.fromEntries(Object.values(state.users).map((u) => [u.id, u.display_name || u.real_name || u.name])),
    groups: Object.fromEntries(Object.values(state.groups).map((g) => [g.id, g.handle])),
    channels: Object.fromEntries(Object.values(state.channels).map((c) => [c.id, c.name])),
  },
  users: state.users, shortcuts: state.shortcuts, confirm: askFirst,
});

function askFirst(confirm, go) {
  if (window.confirm(`${confirm.title?.text ?? "Sure?"}\n\n${confirm.text?.text ?? ""}`)) go();
}

async function perform(name, body) {
  const result = await act(name, { user: state.me, ...body });
  if (!result.ok && result.error !== "errors") toast(result.message ?? result.error ?? "That did not work.");
  return result;
}

// --- sidebar ----------------------------------------------------------------------------------

function navButton(key, label, title) {
  const mentions = state.mentions[key] ?? 0;
  return el("button", {
    type: "button", class: state.unread[key] ? "unread" : "", title,
    "aria-current": state.place === key ? "page" : null, onclick: () => open(key),
  }, label, mentions ? el("span", { class: "badge", "aria-label": `${mentions} mentions` }, String(mentions)) : null);
}

// A direct message is between a person and the app: its name is whoever is not looking.
function otherSide(channel) {
  return channel.im_user === state.me ? state.app?.name ?? "App" : context().names.people[channel.im_user] ?? channel.name;
}

function drawSide() {
  $("team").textContent = state.team?.name ?? "Workspace";
  const channels = Object.values(state.channels).filter((c) => !c.is_im && c.is_member && !c.is_archived);
  const direct = Object.values(state.channels).filter((c) => c.is_im);
  $("nav").replaceChildren(
    el("h2", {}, "App"), navButton("home", `⌂ ${state.app?.name ?? "App"}${state.app?.connected ? "" : " (not connected)"}`, "The app's Home"),
    el("h2", {}, "Channels"), ...channels.map((c) => navButton(c.id, `${c.is_private ? "🔒" : "#"} ${c.name}`, c.topic)),
    ...(direct.length ? [el("h2", {}, "Direct messages")] : []),
    ...direct.map((c) => navButton(c.id, `● ${otherSide(c)}`)),
  );
  const people = Object.values(state.users).filter((u) => !u.is_bot && !u.deleted);
  $("me").replaceChildren(...people.map((u) =>
    el("option", { value: u.id, selected: u.id === state.me }, `${u.real_name || u.name}${u.title ? ` · ${u.title}` : ""}`)));
}

function drawClock() {
  const speed = state.clock.speed === 1 ? "" : ` · ${Math.round(state.clock.speed)}× faster`;
  $("clock").textContent = `${clockText(now())}${speed}`;
}

// --- panes ------------------------------------------------------------------------------------

function paneHeader(title, detail, extra, back) {
  return el("header", {},
    el("button", { type: "button", class: "icon back", "aria-label": "Back", onclick: back }, "‹"),
    el("h2", {}, title, detail ? el("small", {}, ` ${detail}`) : null), extra);
}

function view(name) {
  $("app").dataset.view = name;
}

async function open(key) {
  state.place = key;
  state.unread[key] = 0;
  state.mentions[key] = 0;
  history.replaceState(null, "", `#${key}`);
  closeThread();
  view("main");
  drawSide();
  await (key === "home" ? openHome() : openChannel(key));
}

function homeContext() {
  return { ...context(), act: (block, element, value) =>
    perform("click", { view_id: state.home.id, block_id: block.block_id, action_id: element.action_id, value }) };
}

function drawHome() {
  if (state.place !== "home") return;
  const list = el("div", { class: "list" }, el("div", { class: "body home" },
    state.home ? renderBlocks(state.home.blocks, homeContext()) : el("p", { class: "empty" }, "The app has not published a Home for you yet.")));
  $("main").replaceChildren(paneHeader(state.app?.name ?? "App", "Home", null, () => view("side")), list);
}

async function openHome() {
  await perform("home", { tab: "home" });
  state.home = (await read("home", { user: state.me })).view;
  drawHome();
}

function messageContext(inThread) {
  return { ...context(), inThread, perform, openThread, act: null };
}

function listOf(messages, inThread) {
  return messages.map((m) => messageNode(m, messageContext(inThread)));
}

async function openChannel(id) {
  const { channel, messages } = await read("messages", { user: state.me, channel: id });
  const list = el("div", { class: "list", role: "log", "aria-live": "polite" }, listOf(messages, false));
  if (!messages.length) list.append(el("p", { class: "empty" }, "Nothing here yet. Customers' messages appear as cards, each with its thread."));
  $("main").replaceChildren(
    paneHeader(channel.is_im ? otherSide(channel) : `# ${channel.name}`, channel.topic, null, () => view("side")),
    list, composer({ state, perform, channel: id, thread: null }));
  list.scrollTop = list.scrollHeight;
}

async function openThread(channel, ts) {
  state.thread = { channel, ts };
  const { messages } = await read("thread", { user: state.me, channel, ts });
  const list = el("div", { class: "list", role: "log", "aria-live": "polite" }, listOf(messages, true));
  $("thread").replaceChildren(
    paneHeader("Thread", `#${state.channels[channel]?.name ?? ""}`,
      el("button", { type: "button", class: "icon", "aria-label": "Close thread", onclick: () => { closeThread(); view("main"); } }, "✕"),
      () => { closeThread(); view("main"); }),
    list, composer({ state, perform, channel, thread: ts }));
  $("thread").classList.remove("hidden");
  $("app").classList.add("with-thread");
  view("thread");
  list.scrollTop = list.scrollHeight;
}

function closeThread() {
  state.thread = null;
  $("thread").classList.add("hidden");
  $("app").classList.remove("with-thread");
}

// --- the feed ---------------------------------------------------------------------------------

function place(pane, message, inThread) {
  const list = $(pane).querySelector(".list");
  if (!list) return;
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const node = messageNode(message, messageContext(inThread));
  const old = list.querySelector(`[data-ts="${CSS.escape(message.ts)}"]`);
  list.querySelector(".empty")?.remove();
  if (old) {
    if (!old.querySelector(".overflow[open]")) old.replaceWith(node);
    return;
  }
  node.classList.add("fresh");
  const after = [...list.children].find((child) => Number(child.dataset.ts) > Number(message.ts));
  list.insertBefore(node, after ?? null);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

const mentionsMe = (message) => {
  const text = JSON.stringify([message.text, message.blocks ?? []]);
  const mine = Object.values(state.groups).filter((g) => g.users.includes(state.me)).map((g) => g.id);
  return [state.me, ...mine].some((id) => text.includes(id));
};

function arrived(channel, message, isNew) {
  const isReply = message.thread_ts && message.thread_ts !== message.ts;
  if (state.thread?.channel === channel && (message.thread_ts ?? message.ts) === state.thread.ts) place("thread", message, true);
  if (!isReply || message.broadcast) {
    if (state.place === channel) place("main", message, false);
  }
  if (!isNew || message.user === state.me) return;
  if (state.place !== channel) state.unread[channel] = 1;
  if (mentionsMe(message) && state.thread?.ts !== message.thread_ts) state.mentions[channel] = (state.mentions[channel] ?? 0) + 1;
  drawSide();
}

const FEED = {
  message: (d) => arrived(d.channel, d.message, true),
  message_changed: (d) => arrived(d.channel, d.message, false),
  ephemeral: (d) => arrived(d.channel, d.message, true),
  ephemeral_changed: (d) => arrived(d.channel, d.message, false),
  message_deleted: (d) => remove(d.ts),
  ephemeral_deleted: (d) => remove(d.ts),
  views: (d) => showViews(d.views, { ...context(), perform }),
  home: (d) => { state.home = d.view; drawHome(); },
  channel: (d) => { state.channels[d.channel.id] = d.channel; drawSide(); },
  notice: (d) => toast(d.text),
  app: (d) => { state.app.connected = d.connected; drawSide(); },
  reload: () => become(state.me),
  lost: () => { $("clock").textContent = "connection lost, trying again…"; },
  found: () => drawClock(),
};

function remove(ts) {
  for (const node of document.querySelectorAll(`[data-ts="${CSS.escape(ts)}"]`)) node.remove();
}

// --- who we are -------------------------------------------------------------------------------

async function become(user) {
  state.source?.close();
  const data = await read("state", user ? { user } : {});
  state.team = data.team;
  state.app = data.app;
  for (const [name, key] of [["users", "users"], ["usergroups", "groups"], ["channels", "channels"]])
    state[key] = Object.fromEntries(data[name].map((item) => [item.id, item]));
  Object.assign(state, { commands: data.commands, shortcuts: data.shortcuts });
  state.clock = { ...data.clock, read: performance.now() };
  if (!user) return become(firstPerson(data.users));
  state.me = user;
  readIn(state.users[user].tz, state.users[user].locale);
  localStorage.setItem("threadline.me", user);
  state.source = follow(user, data.seq, (kind, body) => FEED[kind]?.(body));
  const wanted = location.hash.slice(1);
  const channels = Object.values(state.channels).filter((c) => c.is_member && !c.is_im && !c.is_archived);
  const phone = matchMedia("(max-width: 820px)").matches && !wanted;
  await open(wanted === "home" || state.channels[wanted] ? wanted : (state.place && state.channels[state.place] ? state.place : channels[0]?.id ?? "home"));
  if (phone) view("side");
  showViews((await read("views", { user })).views, { ...context(), perform });
  return undefined;
}

function firstPerson(users) {
  const people = users.filter((u) => !u.is_bot && !u.deleted);
  const remembered = new URLSearchParams(location.search).get("as") ?? localStorage.getItem("threadline.me");
  return (people.find((u) => u.id === remembered || u.name === remembered) ?? people[0]).id;
}

$("me").addEventListener("change", (event) => become(event.target.value));
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.overflow[open]")) if (!menu.contains(event.target)) menu.open = false;
});
// A page the browser keeps for "back" must not keep its connection: there are only six per server.
window.addEventListener("pagehide", () => state.source?.close());
window.addEventListener("pageshow", (event) => { if (event.persisted) become(state.me); });
setInterval(() => { drawClock(); ageDates(document, now()); }, 1000);
become(null).catch((error) => toast(`The sandbox did not answer: ${error.message}`));
