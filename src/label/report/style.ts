/** The page's style. Every text colour has a contrast of at least 4.5:1 with what it stands on, in both schemes. */
export const style = `:root {
  --ground: #fcfcfb; --panel: #f2f3f1; --text: #1d2023; --muted: #5a6067; --line: #d9dbd8;
  --accent: #0d5c9e; --alarm: #b3261e; --amber: #8a5800;
  --auto: #0d5c9e; --review: #c78500; --given: #40464c; --duplicate: #a8adb2; --outlier: #a5428a;
  --c0: #2b5bc7; --c1: #c78500; --c2: #59a777; --c3: #710158; --c4: #cf3842;
  --c5: #4d95ff; --c6: #a97fb6; --c7: #337507; --c8: #060080; --c9: #597878;
  --plot-background: var(--ground);
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181b; --panel: #1f2428; --text: #e7e9ea; --muted: #a4abb2; --line: #363c42;
    --accent: #7fbaf0; --alarm: #ff8f85; --amber: #e3b04e;
    --auto: #7fbaf0; --review: #cfaa3e; --given: #c3c8cc; --duplicate: #666d74; --outlier: #d98ac0;
    --c0: #2eb6fd; --c1: #cfaa3e; --c2: #559d63; --c3: #b62c99; --c4: #f24f05;
    --c5: #dde0f2; --c6: #b194ac; --c7: #b3df00; --c8: #7566f6; --c9: #9ccbb1;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 62rem; padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 4rem;
  background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: break-word;
}
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--ground); padding: .25rem .5rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; font-weight: 650; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .75rem; font-weight: 650; }
h3 { font-size: 1rem; margin: 1.75rem 0 .4rem; font-weight: 650; }
p { margin: 0 0 .75rem; max-width: 46rem; }
strong { font-weight: 650; }
.product { color: var(--muted); margin: 0 0 .25rem; font-size: .875rem; }
nav { border-block: 1px solid var(--line); padding: .6rem 0; margin-bottom: 1.5rem; font-size: .875rem; }
nav ol { list-style: none; counter-reset: part; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; }
nav li { counter-increment: part; }
nav li::before { content: counter(part) " "; color: var(--muted); font-variant-numeric: tabular-nums; }
section { margin-bottom: 2.75rem; }
main > section + section { border-top: 1px solid var(--line); padding-top: 1.5rem; }
.number { color: var(--muted); font-weight: 400; font-variant-numeric: tabular-nums; margin-right: .35rem; }

.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .75rem; margin-bottom: 1rem; }
.total { background: var(--panel); border-left: 4px solid var(--line); border-radius: 4px; padding: .8rem 1rem; }
.total p { margin: 0; color: var(--muted); font-size: .875rem; line-height: 1.4; }
.total p:first-child { color: var(--text); font-size: 1rem; margin-bottom: .25rem; }
.total strong { font-size: 1.9rem; line-height: 1.15; font-variant-numeric: tabular-nums; display: block; }
.total.auto { border-color: var(--auto); }
.total.review { border-color: var(--review); }
.total.given { border-color: var(--given); }
.shares { display: flex; gap: 2px; height: .75rem; border-radius: 3px; overflow: hidden; margin-bottom: .5rem; }
.shares span { min-width: 2px; flex-basis: 0; }
.auto > i, .shares .auto, i.auto { background: var(--auto); }
.shares .review, i.review { background: var(--review); }
.shares .given, i.given { background: var(--given); }
.shares .duplicate, i.duplicate { background: var(--duplicate); }
.shares .outlier, i.outlier { background: var(--outlier); }
.legend { list-style: none; margin: 0 0 1rem; padding: 0; display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; font-size: .8125rem; color: var(--muted); }
.legend li { display: inline-flex; align-items: center; gap: .4rem; }
.legend i { width: .7rem; height: .7rem; border-radius: 2px; }
.sign { width: .85rem; height: .85rem; flex: none; }
.warnings { border: 1px solid var(--amber); border-radius: 4px; padding: .8rem 1rem .8rem; margin-top: 1rem; }
.warnings h2 { font-size: 1rem; margin: 0 0 .35rem; color: var(--amber); }
.warnings ul { margin: 0; padding-left: 1.1rem; font-size: .9375rem; }
.warnings li + li { margin-top: .3rem; }
.note { border-left: 3px solid var(--line); padding-left: .8rem; color: var(--muted); font-size: .9375rem; }
.note strong { color: var(--text); }

.scroll { position: relative; overflow-x: auto; margin: 0 0 1.25rem; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.4; min-width: min(100%, 24rem); }
caption { text-align: left; max-width: 46rem; color: var(--muted); padding: 0 0 .4rem; font-size: .8125rem; }
th, td { padding: .3rem .75rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: .25rem; }
thead th { font-weight: 600; color: var(--muted); vertical-align: bottom; border-bottom-color: var(--muted); }
thead small { font-weight: 400; }
tbody th { font-weight: 500; }
td.text, th.text { max-width: 26rem; }
.path { overflow-wrap: anywhere; }
:is(td, th):has(.path) { min-width: 8rem; }
td small { color: var(--muted); font-weight: 400; }
.numeric { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
thead .numeric { white-space: normal; }
.marked > * { background: color-mix(in srgb, var(--accent) 12%, transparent); font-weight: 650; }
.marked > th { box-shadow: inset 3px 0 var(--accent); padding-left: .6rem; }
.bar { display: block; width: 8rem; height: .7rem; margin-top: .3rem; }
.bar::before { content: ""; display: block; height: 100%; width: var(--share); background: var(--accent); border-radius: 2px; opacity: .75; }
.matrix caption { min-width: min(24rem, 80vw); }
.matrix { width: auto; min-width: 0; border-collapse: separate; border-spacing: 2px; }
.matrix th, .matrix td { border: 0; }
.matrix td { width: 2.4rem; min-width: 2.1rem; height: 1.9rem; padding: .2rem; text-align: center; vertical-align: middle; font-variant-numeric: tabular-nums;
  background: color-mix(in srgb, var(--alarm) calc(var(--share) * .55), var(--panel)); }
.matrix td.right { background: color-mix(in srgb, var(--accent) calc(var(--share) * .4), var(--panel)); font-weight: 650; }
.matrix tbody th { text-align: right; padding-right: .5rem; vertical-align: middle; white-space: nowrap; }
.matrix .upright { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; padding: .3rem 0; white-space: nowrap; }

.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22.5rem), 1fr)); gap: .5rem 2rem; align-items: start; margin-bottom: 1rem; }
.columns > div { min-width: 0; }
@media (min-width: 58rem) {
  .beside { grid-template-columns: 22.5rem minmax(0, 1fr); }
  .beside :is(th, td) { padding-right: .45rem; font-size: .8125rem; }
  .beside small { font-size: .75rem; }
}
figure { margin: 0 0 1rem; }
img.drawn { max-width: 100%; height: auto; image-rendering: pixelated; }
figcaption { font-size: .8125rem; color: var(--muted); padding-top: .25rem; }
.plot { display: block; max-width: 100%; height: auto; overflow: visible; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--muted); }
.key { display: inline-flex; align-items: center; gap: .35rem; margin-right: .9rem; }
.key i { display: inline-block; flex: none; color: var(--accent); }
.key i.muted { color: var(--muted); }
.key i.alarm { color: var(--alarm); }
.key .dot, .key .square { width: .6rem; height: .6rem; background: currentColor; }
.key .dot { border-radius: 50%; }
.key .line { width: 1.2rem; border-top: 2px solid; }
.key .dashes { width: 1.2rem; border-top: 2px dashed; }
details { margin-bottom: .6rem; }
summary { cursor: pointer; color: var(--accent); margin-bottom: .5rem; width: fit-content; }

.thumb { display: block; flex: none; --side: 64px; width: var(--side); height: var(--side); border-radius: 3px;
  background-position: calc(-1 * var(--x, 0) * var(--side)) calc(-1 * var(--y, 0) * var(--side)); background-color: var(--panel); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.pictures, .cards { list-style: none; margin: 0; padding: 0; }
.pictures { display: flex; flex-wrap: wrap; gap: .5rem; }
.pictures li { max-width: 64px; font-size: .75rem; line-height: 1.35; color: var(--muted); text-align: center; font-variant-numeric: tabular-nums; }
.pictures li > span:not(.thumb, .hidden) { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.class { margin: 1.25rem 0 0; }
.class h3 { margin: 0 0 .25rem; }
.class .pictures { gap: 5px; }
.class li { font-size: .6875rem; }
.class .thumb { --side: 50px; }
.compact { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 0 1.5rem; }
.compact .pair { display: flex; gap: 1.25rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: .5rem 2rem; }
.pair p, .none { font-size: .8125rem; color: var(--muted); margin: 0 0 .25rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: .75rem 1rem; margin-bottom: 1.5rem; }
.cards li { display: flex; gap: .7rem; align-items: flex-start; min-width: 0; }
.cards li > div { min-width: 0; }
.cards p { margin: 0; font-size: .8125rem; line-height: 1.4; }
.cards p + p { color: var(--muted); }
.newgroup { border: 1px solid var(--line); border-radius: 4px; padding: .6rem .8rem; margin-bottom: .8rem; }
.newgroup h4 { margin: 0; font-size: .9375rem; font-weight: 650; }
.newgroup p { margin: .1rem 0 .4rem; font-size: .875rem; color: var(--muted); }
.newgroup .pictures { gap: 4px; }
.newgroup li button { display: block; padding: 0; border: 0; border-radius: 3px; background: none; cursor: pointer; }
.newgroup [aria-pressed="false"] .thumb { opacity: .2; }
.newgroup .thumb { --side: 56px; }
.newgroup p button, .newgroup input { font: inherit; color: var(--text); background: var(--ground); border: 1px solid var(--muted); border-radius: 4px; padding: .15rem .5rem; }
.take { font-weight: 650; }
.map { position: relative; }
.map .plot { background: var(--panel); border-radius: 4px; }
.chosen { stroke: var(--text); stroke-width: 2px; }
.tip { position: absolute; z-index: 1; display: flex; gap: .6rem; width: 19rem; max-width: 100%; padding: .5rem; background: var(--ground); border: 1px solid var(--line); border-radius: 4px; box-shadow: 0 2px 10px rgb(0 0 0 / .2); pointer-events: none; }
.tip[hidden], .tip [hidden] { display: none; }
.tip p { margin: 0; min-width: 0; font-size: .8125rem; line-height: 1.4; white-space: pre-line; }
html:not(.scripting) .scripted { display: none; }
pre { background: var(--panel); border-radius: 4px; padding: .75rem 1rem; overflow-x: auto; font-size: .8125rem; white-space: pre-wrap; }
dl { margin: 0; font-size: .875rem; }
dl div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: .5rem; border-bottom: 1px solid var(--line); padding: .3rem 0; }
dt { color: var(--muted); }
dd { margin: 0; font-variant-numeric: tabular-nums; }
@media (max-width: 32rem) { dl div { grid-template-columns: minmax(0, 1fr); gap: 0; } }
@media print {
  .totals { grid-template-columns: repeat(3, 1fr); }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, .scripted { display: none; }
  tr, figure, .cards li, .pair, .total { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  .scroll { overflow: visible; }
  .bar::before, .shares span, .matrix td, .legend i, .key i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
