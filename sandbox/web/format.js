// Text as the chat shows it: mrkdwn, entities and dates that age. Everything becomes DOM text nodes;
// no string from a message is ever parsed as HTML.

const EMOJI = {
  white_check_mark: "✅", warning: "⚠️", eyes: "👀", red_circle: "🔴", large_orange_circle: "🟠",
  large_yellow_circle: "🟡", large_green_circle: "🟢", hourglass: "⌛", envelope: "✉️", lock: "🔒",
  speech_balloon: "💬", rotating_light: "🚨", zzz: "💤", pencil: "✏️", star: "⭐", bell: "🔔",
};

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// --- dates ------------------------------------------------------------------------------------

const DAY = 86400;
let zone; // Slack shows dates in the reader's own time zone and language; here those of whoever we are
let tongue = "en-GB";
export function readIn(timeZone, locale) {
  zone = timeZone;
  tongue = !locale || locale.startsWith("en") ? "en-GB" : locale;
}
const fmt = (options, language = tongue) => new Intl.DateTimeFormat(language, { ...options, timeZone: zone });
const dayOf = (date) => fmt({ day: "numeric", month: "numeric", year: "numeric" }, "en-GB").format(date);

function sameDay(a, b) {
  return dayOf(a) === dayOf(b);
}

export function clockText(date) {
  return fmt({ weekday: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(date);
}

function pretty(date, now, plain, inside) {
  const days = [-1, 0, 1].find((count) => sameDay(date, new Date(now.getTime() + count * DAY * 1000)));
  if (days === undefined) return plain;
  const word = new Intl.RelativeTimeFormat(tongue, { numeric: "auto" }).format(days, "day");
  return inside ? word : word[0].toUpperCase() + word.slice(1);
}

const JUST_NOW = { de: "gerade eben", es: "ahora mismo", fr: "à l’instant", it: "proprio ora" };

export function ago(date, now) {
  const seconds = Math.round((now - date) / 1000);
  const size = Math.abs(seconds);
  if (size < 10) return JUST_NOW[tongue.slice(0, 2)] ?? "just now";
  const [count, unit] =
    size < 60 ? [size, "second"]
    : size < 3600 ? [Math.floor(size / 60), "minute"]
    : size < DAY ? [Math.floor(size / 3600), "hour"]
    : [Math.floor(size / DAY), "day"];
  return new Intl.RelativeTimeFormat(tongue).format(seconds >= 0 ? -count : count, unit);
}

const TOKENS = {
  date_num: (d) => dayOf(d).split("/").reverse().map((part) => part.padStart(2, "0")).join("-"),
  date_slash: (d) => fmt({ day: "2-digit", month: "2-digit", year: "numeric" }).format(d),
  date: (d) => fmt({ day: "numeric", month: "long", year: "numeric" }).format(d),
  date_short: (d) => fmt({ day: "numeric", month: "short", year: "numeric" }).format(d),
  date_long: (d) => fmt({ weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(d),
  date_long_full: (d) => fmt({ weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(d),
  time: (d) => fmt({ hour: "2-digit", minute: "2-digit" }).format(d),
  time_secs: (d) => fmt({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(d),
};

export function dateText(timestamp, format, now) {
  const date = new Date(timestamp * 1000);
  return format.replace(/\{(\w+?)(_pretty)?\}/g, (whole, token, wantsPretty, offset) => {
    if (token === "ago") return ago(date, now);
    if (token === "day_divider") return pretty(date, now, TOKENS.date_long(date), offset > 0);
    const make = TOKENS[token];
    if (!make) return whole;
    return wantsPretty ? pretty(date, now, make(date), offset > 0) : make(date);
  });
}

// A date node remembers what it shows, so that one timer can age every date on the page.
export function dateNode(timestamp, format, now) {
  const node = el("time", { class: "date", title: new Date(timestamp * 1000).toString() });
  node.dataset.at = String(timestamp);
  node.dataset.format = format;
  node.textContent = dateText(timestamp, format, now);
  return node;
}

export function ageDates(root, now) {
  for (const node of root.querySelectorAll("time[data-at]")) {
    const text = dateText(Number(node.dataset.at), node.dataset.format, now);
    if (node.textContent !== text) node.textContent = text;
  }
}

// --- mrkdwn -----------------------------------------------------------------------------------

const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function emoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);
}

export function mentionNode(kind, id, names, me) {
  const label = kind === "channel" ? `#${names.channels[id] ?? id}` : `@${names.people[id] ?? names.groups[id] ?? id}`;
  return el("span", { class: `mention${id === me ? " mine" : ""}` }, label);
}

function entity(inner, context) {
  const [target, label] = inner.split("|");
  if (target.startsWith("@")) return mentionNode("user", target.slice(1), context.names, context.me);
  if (target.startsWith("#")) return mentionNode("channel", target.slice(1), context.names, context.me);
  if (target.startsWith("!subteam^")) return mentionNode("group", target.slice(9), context.names, context.me);
  if (target.startsWith("!date^")) {
    const [, at, format] = target.split("^");
    return dateNode(Number(at), format, context.now());
  }
  if (target.startsWith("!")) return el("span", { class: "mention loud" }, `@${target.slice(1)}`);
  return linkNode(unescape(target), unescape(label ?? target));
}

export function linkNode(url, label) {
  const safe = /^(https?:|mailto:)/i.test(url);
  return safe ? el("a", { href: url, rel: "noreferrer noopener", target: "_blank" }, label) : document.createTextNode(label);
}

const STYLES = [["*", "strong"], ["_", "em"], ["~", "s"], ["`", "code"]];

function styled(text) {
  for (const [mark, tag] of STYLES) {
    const escaped = mark.replace(/[*]/g, "\\$&");
    const match = new RegExp(`(^|[\\s(])${escaped}([^\\s${escaped}](?:[^${escaped}\\n]*[^\\s${escaped}])?)${escaped}(?=$|[\\s).,:;!?·])`).exec(text);
    if (!match) continue;
    const start = match.index + match[1].length;
    const end = start + match[2].length + 2;
    const inner = tag === "code" ? [document.createTextNode(unescape(match[2]))] : styled(match[2]);
    return [...styled(text.slice(0, start)), el(tag, {}, inner), ...styled(text.slice(end))];
  }
  return text ? [document.createTextNode(emoji(unescape(text)))] : [];
}

export function mrkdwn(text, context) {
  const nodes = [];
  for (const [lineNumber, line] of text.split("\n").entries()) {
    if (lineNumber) nodes.push(el("br"));
    const quoted = line.startsWith("&gt;") || line.startsWith("> ");
    const body = quoted ? line.replace(/^(&gt;|>) ?/, "") : line;
    const parts = body.split(/<([^<>\n]+)>/);
    const inline = parts.flatMap((part, i) => (i % 2 ? [entity(part, context)] : styled(part)));
    nodes.push(...(quoted ? [el("span", { class: "quote" }, inline)] : inline));
  }
  return nodes;
}

export function textObject(object, context) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, context);
  const text = object.emoji === false ? object.text : emoji(object.text);
  return text.split("\n").flatMap((line, i) => (i ? [el("br"), line] : [line]));
}
