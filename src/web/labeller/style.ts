/** The element's style. A page changes colours by the custom properties that stand first. */
export const style = `
:host {
  --ground: var(--kindred-ground, light-dark(#fcfcfb, #15181b));
  --panel: var(--kindred-panel, light-dark(#f2f3f1, #1f2428));
  --text: var(--kindred-text, light-dark(#1d2023, #e7e9ea));
  --muted: var(--kindred-muted, light-dark(#5a6067, #a4abb2));
  --line: var(--kindred-line, light-dark(#d9dbd8, #363c42));
  --edge: var(--kindred-edge, light-dark(#868c92, #6f777f));
  --accent: var(--kindred-accent, light-dark(#0d5c9e, #7fbaf0));
  display: block; container-type: inline-size; color: var(--text); font: inherit; outline: none;
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
.labeller { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem 1.25rem; align-items: start; }
.stage { margin: 0; min-width: 0; border-radius: 6px; outline: none; }
.frame { position: relative; display: grid; place-items: center; aspect-ratio: 1; width: min(100%, 38vh); min-width: min(100%, 12rem);
  margin-inline: auto; background: var(--panel); border-radius: 6px; overflow: hidden; }
.frame canvas, .frame img { display: block; width: 100%; height: 100%; object-fit: contain; }
.frame [hidden] { display: none; }
.frame p { margin: 0; padding: 1rem; color: var(--muted); text-align: center; max-width: 24rem; }
:host(:focus-within) .stage:focus-visible .frame, .stage:focus-visible .frame { outline: 3px solid var(--accent); outline-offset: 2px; }
figcaption { padding-top: .5rem; font-size: .875rem; line-height: 1.4; min-height: 2.8em; text-align: center; }
figcaption span { display: block; overflow-wrap: anywhere; }
.reason { color: var(--muted); }
.classes { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 9.5rem), 1fr)); gap: .4rem; }
.classes li { position: relative; display: flex; min-width: 0; }
button { font: inherit; font-size: .9375rem; color: var(--text); background: var(--ground); border: 1px solid var(--edge); border-radius: 6px; min-height: 2.5rem; padding: .3rem .6rem; cursor: pointer; }
button:hover:not(:disabled) { background: var(--panel); border-color: var(--text); }
button:disabled { cursor: default; color: var(--muted); border-color: var(--line); }
button:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.answer { display: flex; align-items: center; gap: .55rem; flex: 1; min-width: 0; text-align: left; }
.answer .name { flex: 1; min-width: 0; overflow: hidden; overflow-wrap: anywhere; line-height: 1.15; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.answer .count { color: var(--muted); font-size: .8125rem; font-variant-numeric: tabular-nums; }
.colour { flex: none; width: .7rem; height: .7rem; border-radius: 50%; background: var(--own); }
.guess { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.given { background: color-mix(in srgb, var(--accent) 22%, var(--ground)); }
kbd { flex: none; min-width: 1.5em; padding: .05em .35em; font: 600 .8125rem/1.35 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; text-align: center; color: var(--muted); background: var(--panel); border: 1px solid var(--line); border-radius: 4px; }
.rename { flex: none; border-color: transparent; background: none; padding: 0 .4rem; color: var(--muted); min-width: 2rem; }
@media (hover: hover) {
  .rename { position: absolute; inset: 1px 1px 1px auto; min-height: 0; background: var(--ground); }
  .rename:not(:focus-visible) { opacity: 0; }
  li:hover .rename { opacity: 1; }
}
.others { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: .6rem; }
.others button { display: inline-flex; align-items: center; gap: .5rem; }
form { display: flex; flex-wrap: wrap; gap: .4rem; align-items: end; margin: .9rem 0 0; }
form label { flex: 1 1 8rem; font-size: .8125rem; color: var(--muted); }
input { display: block; width: 100%; margin-top: .15rem; font: inherit; font-size: .9375rem; color: var(--text); background: var(--ground); border: 1px solid var(--edge); border-radius: 6px; min-height: 2.5rem; padding: .3rem .6rem; }
.said { margin: .6rem 0 0; min-height: 1.4em; font-size: .875rem; color: var(--muted); }
.said.wrong { color: var(--kindred-alarm, light-dark(#b3261e, #ff8f85)); }
@container (min-width: 36rem) {
  .labeller { grid-template-columns: minmax(0, 1.15fr) minmax(14rem, 1fr); }
  .frame { width: min(100%, 60vh); }
  .classes { grid-template-columns: repeat(auto-fill, minmax(min(100%, 12.5rem), 1fr)); }
}
@media (pointer: coarse) { kbd { display: none; } button { min-height: 2.75rem; } }
@media (prefers-reduced-motion: no-preference) { .frame.fresh :is(canvas, img) { animation: appear .12s ease-out; } }
@keyframes appear { from { opacity: .35; } }
`;
