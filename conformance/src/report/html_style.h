// The style sheet and the script of the HTML report: light and dark, narrow and wide, no external
// resources. Without scripts the page lacks only its filter.
#pragma once

namespace djcache::conformance {

inline constexpr const char html_style[] = R"css(
:root { color-scheme: light dark; --page: #fbfbfa; --ink: #1d2126; --soft: #5c6670; --line: #dcdfe3; --card: #fff;
  --good: #1a6b3c; --good-bg: #e0f2e6; --bad: #a3161f; --bad-bg: #fde3e3; --skip: #5c6670; --skip-bg: #eceef0;
  --known: #7a4b00; --known-bg: #fdf0d5; --link: #1f5fa8; }
@media (prefers-color-scheme: dark) { :root { --page: #14171a; --ink: #e5e8eb; --soft: #a0aab4; --line: #31383f;
  --card: #1b1f24; --good: #83d6a2; --good-bg: #173524; --bad: #ff9d9d; --bad-bg: #451c1f; --skip: #a0aab4;
  --skip-bg: #272d33; --known: #f0c674; --known-bg: #3d3014; --link: #86b7f0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 2.5rem) 4rem; max-width: 84rem; background: var(--page);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 0.25rem; line-height: 1.2; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: 0.25rem 0; }
a { color: var(--link); } h3 a, td a, th a { color: inherit; text-decoration: none; }
a:hover { text-decoration: underline; }
code, .step, pre { font: 0.85rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; margin: 0.5rem 0 0; }
.soft { color: var(--soft); font-size: 0.9rem; overflow-wrap: anywhere; }
.totals { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 1rem 0; padding: 0; list-style: none; }
.totals li, .cell { padding: 0.1rem 0.6rem; border-radius: 1rem; white-space: nowrap; }
.totals li { padding: 0.3rem 0.9rem; font-weight: 600; }
.quote { margin: 0 0 1rem; padding: 0 0 0 1.1rem; }
.passed { color: var(--good); background: var(--good-bg); }
.failed { color: var(--bad); background: var(--bad-bg); }
.differs { color: var(--known); background: var(--known-bg); }
.skipped, .away { color: var(--skip); background: var(--skip-bg); }
article { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 6px;
  padding: 0.9rem 1rem; margin: 0 0 1rem; }
ol.steps { list-style: none; margin: 0.75rem 0 0; padding: 0; }
ol.steps > li { display: grid; grid-template-columns: 2.2rem 1fr; gap: 0.25rem; padding: 0.3rem 0.25rem;
  border-top: 1px solid var(--line); }
ol.steps .fail { background: var(--bad-bg); }
ol.steps .idle { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 0.75rem; margin: 0.4rem 0 0.2rem; }
dt { color: var(--soft); font-size: 0.85rem; }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 0.85rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
details { background: var(--card); border: 1px solid var(--line); border-radius: 6px; margin: 0 0 0.5rem; }
details > p, details > pre { padding: 0 0.9rem 0.6rem; }
summary { cursor: pointer; padding: 0.5rem 0.9rem; display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: center; }
summary::before { content: "\25B8"; color: var(--soft); } details[open] > summary::before { content: "\25BE"; }
summary b { flex: 1 1 10rem; overflow-wrap: anywhere; }
.scroll { overflow: auto; max-height: 85vh; border-top: 1px solid var(--line); }
table { border-collapse: separate; border-spacing: 0; font-size: 0.9rem; min-width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } thead th { position: sticky; top: 0; z-index: 1; background: var(--card); color: var(--soft);
  font-size: 0.75rem; }
tr > :first-child { position: sticky; left: 0; background: var(--card); min-width: 11rem; max-width: 26rem;
  overflow-wrap: anywhere; font-weight: 400; }
thead tr > :first-child { z-index: 2; }
tr:target > :first-child { background: var(--known-bg); }
td { text-align: center; } td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.p, .f, .d { font-weight: 700; } .p { color: var(--good); } .f { color: var(--bad); background: var(--bad-bg); }
.d { color: var(--known); background: var(--known-bg); } .s, .a { color: var(--soft); }
.p::before { content: "\2713"; } .f::before { content: "\2717"; } .d::before { content: "\2260"; }
.s::before { content: "s"; } .a::before { content: "\00B7"; }
#filter { width: 100%; font: inherit; padding: 0.45rem 0.7rem; margin: 0 0 0.75rem; border: 1px solid var(--line);
  border-radius: 6px; background: var(--card); color: inherit; }
[hidden] { display: none !important; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 0.3rem; } th, td { padding: 0.3rem 0.4rem; }
  tr > :first-child { min-width: 8.5rem; max-width: 9.5rem; } ol.steps > li { grid-template-columns: 1.6rem 1fr; }
  tbody .soft { display: none; } }
)css";

// Adds the filter of the matrix, and opens the group of a linked case.
inline constexpr const char html_script[] = R"js(
(() => {
  const groups = [...document.querySelectorAll("details.group")];
  const open = groups.map((group) => group.open);
  const box = document.createElement("input");
  box.id = "filter"; box.type = "search";
  box.placeholder = "Filter: a word of an id or a claim; failed, differs, skipped";
  box.setAttribute("aria-label", "Filter the cases");
  document.getElementById("matrix").after(box);
  const classes = { failed: ".f", differs: ".d", skipped: ".s" };
  box.addEventListener("input", () => {
    const word = box.value.trim().toLowerCase();
    groups.forEach((group, i) => {
      let shown = 0;
      for (const row of group.querySelectorAll("tbody tr")) {
        const found = !word || (classes[word] ? row.querySelector(classes[word])
                                              : row.firstChild.textContent.toLowerCase().includes(word));
        row.hidden = !found;
        shown += found ? 1 : 0;
      }
      group.hidden = shown === 0;
      group.open = word ? shown > 0 : open[i];
    });
  });
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const group = target && target.closest("details");
    if (group) { group.open = true; target.scrollIntoView({ block: "center" }); }
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
)js";

}  // namespace djcache::conformance
