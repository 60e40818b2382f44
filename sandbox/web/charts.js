// Slack's chart block as a drawing: bars side by side, lines with a mark at each value, pies as bars.

import { el } from "./format.js";

const WIDTH = 640, HEIGHT = 250, LEFT = 48, BOTTOM = 44, TOP = 14;
const NS = "http://www.w3.org/2000/svg";

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const shown = (value) => String(Math.round(value * 10) / 10);

function bounds(series, zero) {
  const values = series.flatMap((s) => s.data.map((point) => point.value));
  const top = Math.max(...values, 0) || 1, low = zero ? Math.min(...values, 0) : Math.min(...values);
  const rest = (top - low) * 0.1 || top * 0.1;
  return zero ? [low, top + rest] : [Math.max(0, low - rest), top + rest];
}

function plot(kind, { series, axis_config: axes }) {
  const places = axes.categories, [low, room] = bounds(series, kind !== "line");
  const high = axes.y_label === "%" ? Math.max(low + 1, Math.min(room, 100)) : room;
  const step = (WIDTH - LEFT) / places.length, floor = HEIGHT - BOTTOM;
  const x = (i) => LEFT + step * (i + 0.5), y = (v) => floor - ((v - low) / (high - low)) * (floor - TOP);
  const node = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  for (const part of [0, 0.5, 1]) {
    const value = low + (high - low) * part;
    node.append(svg("line", { class: "rule", x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value) }),
      svg("text", { class: "soft", x: LEFT - 5, y: y(value) + 4, "text-anchor": "end" }, shown(value)));
  }
  const every = Math.ceil(places.length / 10);
  places.forEach((label, i) => i % every || node.append(svg("text", { x: x(i), y: floor + 15, "text-anchor": "middle" }, label)));
  series.forEach((s, n) => {
    const group = svg("g", { class: `s${n}` });
    const points = s.data.map((point) => ({ ...point, at: places.indexOf(point.label) }));
    if (kind === "line" || kind === "area") group.append(svg("polyline", { points: points.map((p) => `${x(p.at)},${y(p.value)}`).join(" ") }));
    for (const p of points) {
      const told = svg("title", {}, `${s.name}, ${p.label}: ${p.value}`), width = (step * 0.76) / series.length;
      group.append(kind === "bar"
        ? svg("rect", { class: "bar", x: x(p.at) - step * 0.38 + n * width, y: y(p.value), width: width * 0.92, height: Math.max(0, floor - y(p.value)) }, told)
        : svg("circle", { cx: x(p.at), cy: y(p.value), r: 3 }, told));
    }
    group.append(svg("circle", { cx: LEFT + n * 150 + 6, cy: HEIGHT - 8, r: 5 }),
      svg("text", { x: LEFT + n * 150 + 15, y: HEIGHT - 4 }, s.name));
    node.append(group);
  });
  const words = [axes.y_label, axes.x_label].filter(Boolean).join(" · ");
  return el("div", {}, node, words ? el("small", { class: "hint" }, words) : null);
}

export function chart(block) {
  const { type, segments } = block.chart;
  const drawn = segments
    ? plot("bar", { series: [{ name: "", data: segments }], axis_config: { categories: segments.map((s) => s.label) } })
    : plot(type, block.chart);
  return el("figure", { class: "data" }, el("figcaption", {}, block.title), drawn);
}
