// engine/frontend/record/record_style.h
//
// The page's one style sheet: readable on a screen, sober on paper, contrast of at least 7 to 1.
#pragma once

namespace care::engine {

inline constexpr char kRecordStyle[] = R"css(
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 64rem; color: #1a1a1a; background: #fff;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 2px solid #1f4e79; color: #173a5a; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p { margin: .4rem 0 .8rem; max-width: 46rem; }
.lead { color: #333; margin-bottom: 1.2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; margin: .5rem 0 1rem; }
dt { color: #444; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: .3rem 0 1rem; padding: .7rem .9rem; background: #f4f6f8; border: 1px solid #c9d1d9; border-radius: 3px;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem; line-height: 1.45; unicode-bidi: isolate; }
pre, code { font-family: ui-monospace, "Liberation Mono", Menlo, Consolas, monospace; }
code { font-size: .85em; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: .5rem 0 1rem; }
table { border-collapse: collapse; font-size: .92rem; }
.wide { width: 100%; }
caption { text-align: left; padding: 0 0 .4rem; color: #333; }
th, td { padding: .32rem .7rem; border-bottom: 1px solid #d5dbe1; text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid #6b7785; background: #f4f6f8; white-space: nowrap; }
tbody th { font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.released td { unicode-bidi: isolate; white-space: pre-wrap; }
.hidden { color: #5a3300; background: #fdf1dc; font-style: italic; }
.null { color: #555; font-style: italic; }
.step { padding-left: calc(.7rem + var(--depth) * 1.1rem); }
.details { margin: .15rem 0 0; padding-left: 1rem; color: #444; font-size: .84rem; list-style: disc; }
thead .details { list-style: none; padding: 0; font-weight: 400; }
.good { color: #14532d; font-weight: 600; }
footer { margin-top: 2.5rem; padding-top: .6rem; border-top: 1px solid #c9d1d9; color: #444; font-size: .88rem; }
@page { size: A4; margin: 16mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2 { break-after: avoid; } h3 { break-after: avoid; }
  .scroll { overflow: visible; } table { font-size: 8.5pt; } thead th { white-space: normal; }
  tr, pre { break-inside: avoid; } thead { display: table-header-group; }
  pre, thead th, .hidden { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
)css";

}  // namespace care::engine
