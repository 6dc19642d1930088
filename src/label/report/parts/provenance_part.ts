import type { Part, View } from '../elements.ts';
import { paragraph } from '../elements.ts';
import { clip, html } from '../html.ts';
import type { Provenance } from '../report.ts';

/** Part 11: what makes the same file again. */
export const provenancePart = ({ report }: View): Part => howToMakeAgain(report.provenance, 'labels');

/** The part of a page on which the same command gives the same again. @param what it gives */
export function howToMakeAgain(provenance: Provenance, what: string): Part {
  const { command, seed, versions, adapter, fingerprint, featureFiles = [] } = provenance;
  const files = featureFiles.flatMap(({ paths, ...file }) => (paths ? [file, paths] : [file]));
  const facts: readonly (readonly [string, string])[] = [
    ['Seed', String(seed)],
    ['Adapter', adapter],
    ...Object.entries(versions),
    ['Fingerprint of the data', fingerprint],
    ...files.map(({ path, digest }) => [`Fingerprint of ${path}`, digest] as const),
  ];
  return {
    id: 'provenance',
    title: 'How to make this again',
    body: [
      paragraph(
        `The same command, on the same images and the same adapter, gives the same ${what} and this same page.`,
      ),
      html`<pre tabindex="0"><code>${clip(['kindred', ...command].map(quoted).join(' '), 4000)}</code></pre>
<dl>
${facts.map(
  ([name, value]) => html`<div><dt>${clip(name, 80)}</dt><dd>${clip(value, 400)}</dd></div>
`,
)}</dl>
`,
    ],
  };
}

/** As a shell takes it. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
