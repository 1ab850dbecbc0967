#pragma once
#include <cstddef>

namespace tessera::cli::detail {
// How many colors the page has for curves: each has a contrast of 3 or more with the page, in both schemes, and
// neighbors differ for people who see no red or green.
inline constexpr std::size_t report_colors = 8;

// Neither style nor script contains what a parser of XML would take for markup.
inline constexpr const char* report_style = R"css(
:root {
  color-scheme: light dark;
  --page: #f6f6f3; --card: #ffffff; --edge: #dedcd6; --text: #1d1f21; --quiet: #5b5f66; --grid: #e9e8e4;
  --strong: #0b5cad;
  --warn: #8a4b00; --warn-page: #fff4e0; --mark: #fff3c4;
  --c0: #0b6bb8; --c1: #c2500a; --c2: #0a7d5a; --c3: #a23f86; --c4: #7d6500; --c5: #5a4fc7; --c6: #b3263a;
  --c7: #5f6670;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1d2024; --edge: #353a41; --text: #e9e7e3; --quiet: #a7adb5; --grid: #2b2f35;
    --strong: #7db8f2;
    --warn: #f3b562; --warn-page: #33270f; --mark: #473c12;
    --c0: #5cb3f0; --c1: #f28c4b; --c2: #38c79b; --c3: #e18fc6; --c4: #d9be3c; --c5: #a79ffb; --c6: #f27d8b;
    --c7: #aeb4bd;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main, header, footer { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 32px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 36px 0 10px; }
h3 { font-size: 15px; margin: 20px 0 6px; }
h3:first-child { margin-top: 0; }
p { margin: 6px 0; }
.quiet, figcaption, footer { color: var(--quiet); }
footer { padding-top: 28px; padding-bottom: 40px; font-size: 13px; }
code, .key {
  font: 13px/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  overflow-wrap: anywhere;
}
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(185px, 1fr)); gap: 12px; margin: 20px 0 0;
  padding: 0; list-style: none;
}
.tiles li, .card { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; }
.tiles li { padding: 10px 14px; }
.tiles span { display: block; color: var(--quiet); font-size: 13px; }
.tiles b { font-size: 21px; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.card { padding: 14px 16px; margin: 0 0 14px; min-width: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 14px; }
.charts .card { margin: 0; }
figure { margin: 0; }
figcaption { font-size: 13px; display: flex; flex-wrap: wrap; gap: 2px 12px; justify-content: space-between; }
figcaption b { color: var(--text); font-weight: 600; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--grid); }
th { color: var(--quiet); font-weight: 500; font-size: 13px; }
tbody tr:last-child > * { border-bottom: 0; }
td.run { min-width: 14em; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.text { overflow-wrap: anywhere; min-width: 8em; }
td.key { white-space: nowrap; }
tr.mean td { font-weight: 600; }
.changed { background: var(--mark); padding: 1px 6px; border-radius: 4px; margin-left: -6px; }
details { margin: 10px 0; }
summary { cursor: pointer; color: var(--strong); }
.finding {
  border-left: 3px solid var(--warn); background: var(--warn-page); padding: 6px 12px; margin: 8px 0;
  border-radius: 0 6px 6px 0; overflow-wrap: anywhere;
}
.finding b { color: var(--warn); }
.chosen { border-left: 3px solid var(--strong); padding: 2px 12px; margin: 8px 0; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 6px; margin: 0 0 10px; padding: 0; list-style: none; }
.legend button {
  font: inherit; font-size: 13px; color: inherit; background: none; border: 1px solid var(--edge);
  border-radius: 14px; padding: 2px 10px; cursor: pointer;
}
.legend button.off { opacity: .45; text-decoration: line-through; }
.swatch {
  display: inline-block; width: 14px; height: 4px; border-radius: 2px; margin-right: 7px; vertical-align: middle;
  background: currentColor;
}
.c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); } .c3 { color: var(--c3); }
.c4 {
  color: var(--c4); } .c5 { color: var(--c5); } .c6 { color: var(--c6); } .c7 { color: var(--c7);
  } .ink { color: var(--text);
}
svg.chart { display: block; width: 100%; height: auto; overflow: visible; touch-action: pan-y; }
.wide svg.chart { min-width: 640px; }
svg.chart:focus-visible { outline: 2px solid var(--strong); outline-offset: 4px; border-radius: 4px; }
svg text { font-size: 11.5px; fill: var(--quiet); font-family: inherit; }
svg .grid { stroke: var(--grid); }
svg .axis, svg .tickmark { stroke: var(--quiet); }
svg .curve { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .faint .curve { stroke-width: 1.2; opacity: .5; }
svg .ink .curve { stroke-width: 2.6; }
svg circle { fill: var(--card); stroke: currentColor; stroke-width: 1.8; }
svg .band { fill: currentColor; opacity: .13; }
svg .rule { stroke: currentColor; stroke-dasharray: 6 4; opacity: .8; }
svg .switch { stroke: currentColor; stroke-dasharray: 2 3; }
svg text.note, svg text.end { fill: currentColor; }
svg text.end { font-weight: 600; }
svg .cross { stroke: var(--quiet); stroke-dasharray: none; }
svg .off { display: none; }
.tip {
  position: fixed; z-index: 2; pointer-events: none; background: var(--card); color: var(--text);
  border: 1px solid var(--edge); border-radius: 6px; padding: 6px 10px; font-size: 13px;
  box-shadow: 0 3px 12px rgba(0, 0, 0, .18); font-variant-numeric: tabular-nums; max-width: 90vw;
}
.tip[hidden] { display: none; }
.tip div { display: flex; gap: 14px; justify-content: space-between; }
@media print {
  body { background: none; }
  .card { break-inside: avoid; }
  .legend button { border: 0; padding: 0 10px 0 0; }
}
)css";

// Values under the pointer, or where the arrow keys lead, and runs that are hidden by a click.  Nothing needs it.
inline constexpr const char* report_script = R"js(
"use strict";
(function () {
  var tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.appendChild(tip);
  function nearest(all, x) {
    var best = 0;
    all.forEach(function (each, i) { if (Math.abs(all[best] - x) > Math.abs(each - x)) best = i; });
    return best;
  }
  function add(parent, text, className) {
    var span = document.createElement("span");
    span.textContent = text;
    if (className) span.className = className;
    parent.appendChild(span);
    return span;
  }
  document.querySelectorAll("svg.chart").forEach(function (svg) {
    var plot = svg.dataset.plot.split(" ").map(Number);
    var curves = Array.from(svg.querySelectorAll(".curve")).map(function (curve) {
      return {
        label: curve.dataset.label,
        group: curve.parentNode,
        x: curve.dataset.x.split(" ").map(Number),
        y: curve.dataset.y.split(" ")
      };
    });
    if (curves.length === 0) return;
    var cross = svg.querySelector(".axis").cloneNode(false);
    cross.setAttribute("class", "cross off");
    svg.appendChild(cross);
    var steps = [];
    curves.forEach(function (curve) { steps = steps.concat(curve.x); });
    steps = Array.from(new Set(steps)).sort(function (a, b) { return a - b; });
    var index = -1;
    function hide() {
      tip.hidden = true;
      cross.setAttribute("class", "cross off");
    }
    function show(i, left, top) {
      index = i;
      var x = steps[i];
      tip.textContent = "";
      add(tip, x.toLocaleString("en"), "quiet");
      curves.forEach(function (curve) {
        if (curve.group.classList.contains("off")) return;
        var at = nearest(curve.x, x);
        if (Math.abs(curve.x[at] - x) > (plot[5] - plot[4]) / 100) return;
        var row = document.createElement("div");
        var name = add(row, "");
        add(name, "", "swatch " + curve.group.classList[1]);
        add(name, curve.label);
        add(row, curve.y[at]);
        tip.appendChild(row);
      });
      [["x1", pixel(x)], ["x2", pixel(x)], ["y1", plot[1]], ["y2", plot[3]]].forEach(function (each) {
        cross.setAttribute(each[0], each[1]);
      });
      cross.setAttribute("class", "cross");
      tip.hidden = false;
      var box = tip.getBoundingClientRect();
      tip.style.left = Math.max(4, Math.min(left + 16, window.innerWidth - box.width - 8)) + "px";
      tip.style.top = Math.max(4, Math.min(top + 16, window.innerHeight - box.height - 8)) + "px";
    }
    function pixel(x) { return plot[0] + (x - plot[4]) / (plot[5] - plot[4]) * (plot[2] - plot[0]); }
    function number(at) { return plot[4] + (at - plot[0]) / (plot[2] - plot[0]) * (plot[5] - plot[4]); }
    function scale() { return svg.getBoundingClientRect().width / svg.viewBox.baseVal.width; }
    svg.addEventListener("pointermove", function (event) {
      var inside = (event.clientX - svg.getBoundingClientRect().left) / scale();
      show(nearest(steps, number(inside)), event.clientX, event.clientY);
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", function (event) {
      var by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (event.key === "Escape") hide();
      if (by === 0) return;
      event.preventDefault();
      var i = Math.max(0, Math.min(steps.length - 1, index + by)), box = svg.getBoundingClientRect();
      show(i, box.left + scale() * pixel(steps[i]), box.top + 30);
    });
  });
  document.querySelectorAll(".legend button").forEach(function (button) {
    button.addEventListener("click", function () {
      var off = button.classList.toggle("off");
      button.setAttribute("aria-pressed", String(!off));
      document.querySelectorAll("svg [data-run]").forEach(function (part) {
        if (part.dataset.run === button.dataset.run) part.classList.toggle("off", off);
      });
    });
  });
})();
)js";
}  // namespace tessera::cli::detail
