// The style sheet of the HTML report: light and dark, narrow and wide, no external resources.
#pragma once

namespace djcache::conformance {

inline constexpr const char html_style[] = R"css(
:root { color-scheme: light dark; --page: #fbfbfa; --ink: #1d2126; --soft: #5c6670; --line: #dcdfe3; --card: #fff;
  --good: #1a6b3c; --good-bg: #e0f2e6; --bad: #a3161f; --bad-bg: #fde3e3; --skip: #5c6670; --skip-bg: #eceef0; }
@media (prefers-color-scheme: dark) { :root { --page: #14171a; --ink: #e5e8eb; --soft: #a0aab4; --line: #31383f;
  --card: #1b1f24; --good: #83d6a2; --good-bg: #173524; --bad: #ff9d9d; --bad-bg: #451c1f; --skip: #a0aab4;
  --skip-bg: #272d33; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 2.5rem) 4rem; max-width: 84rem; background: var(--page);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 0.25rem; line-height: 1.2; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: 0.25rem 0; }
code, .step, pre { font: 0.85rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: 0.9rem; overflow-wrap: anywhere; }
.totals { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 1rem 0; padding: 0; list-style: none; }
.totals li, .cell { padding: 0.1rem 0.6rem; border-radius: 1rem; white-space: nowrap; }
.totals li { padding: 0.3rem 0.9rem; font-weight: 600; }
.passed { color: var(--good); background: var(--good-bg); }
.failed { color: var(--bad); background: var(--bad-bg); }
.skipped { color: var(--skip); background: var(--skip-bg); }
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
summary { cursor: pointer; padding: 0.5rem 0.9rem; display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: center; }
summary::before { content: "\25B8"; color: var(--soft); } details[open] > summary::before { content: "\25BE"; }
summary b { flex: 1 1 10rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.9rem; border-top: 1px solid var(--line); }
th { font-weight: 600; } thead th { color: var(--soft); font-size: 0.8rem; white-space: nowrap; }
td:first-child { min-width: 14rem; overflow-wrap: anywhere; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 0.3rem; } th, td { padding: 0.4rem 0.6rem; }
  ol.steps > li { grid-template-columns: 1.6rem 1fr; } }
)css";

}  // namespace djcache::conformance
