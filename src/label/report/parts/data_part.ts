import type { FixedScenes } from '../../findings/fixed_scenes.ts';
import type { GroupsFound } from '../../groups/describe_groups.ts';
import { details, type Part, paragraph, table, type View } from '../elements.ts';
import { count, counted, percent } from '../format.ts';
import { type Content, className, type Html, html, pathName, userText } from '../html.ts';

/** Most rows of a list of files on the page. */
const mostListed = 50;
const mostGroups = 25;
const mostCopies = 6;

/** Part 1: what was read, what could not be, copies and outliers. */
export function dataPart({ report, shown, sprites }: View): Part {
  const { audit } = report;
  const {
    unreadable,
    unreadableCount,
    duplicates,
    conflicts,
    conflictCount,
    exactDuplicates,
    nearDuplicates,
    outlierCount,
  } = audit;
  const { groups } = report;
  const summary = table({
    caption: 'What was read',
    columns: [{ head: 'Finding' }, { head: 'Images', numeric: true }, { head: 'What it means' }],
    rows: [
      ['Read', count(audit.images), 'decoded, and labelled below'],
      ['Unreadable', count(unreadableCount), 'skipped: they have no label, and are in no other count'],
      [
        'Exact duplicates',
        count(exactDuplicates),
        'the same file or pixels as another image: they take its label',
      ],
      [
        'Near duplicates',
        count(nearDuplicates),
        'almost another image, say of one burst: they keep a label of their own, and count as one observation with it',
      ],
      [
        'Conflicts',
        count(conflictCount.exact + conflictCount.near),
        'groups of copies that were given different labels: of exact copies one must be wrong',
      ],
      ['Outliers', count(outlierCount), 'unlike everything labelled: never labelled automatically'],
      ...(audit.scenes.scenes > 0 ? [scenesRow(audit.scenes)] : []),
      ...(groups ? [groupsRow(groups)] : []),
    ],
  });
  return {
    id: 'data',
    title: 'Data',
    body: [
      paragraph(audit.description),
      summary,
      conflictsTable(conflicts, conflictCount.exact + conflictCount.near),
      unreadable.length === 0
        ? null
        : details(
            `Unreadable images (${count(unreadableCount)})`,
            table({
              caption: listed('Skipped', Math.min(mostListed, unreadable.length), unreadableCount),
              columns: [{ head: 'Image' }, { head: 'Why' }],
              rows: unreadable
                .slice(0, mostListed)
                .map(({ path, reason }) => [pathName(path), reason.slice(0, 200)]),
            }),
          ),
      duplicates.length === 0
        ? null
        : details(
            'Groups of duplicates',
            table({
              caption: listed(
                'The largest groups, each one observation',
                shown.duplicates.length,
                report.audit.duplicates.length,
              ),
              columns: [{ head: 'Pictures' }, { head: 'Images' }, { head: 'Kind' }],
              rows: shown.duplicates.map(({ kind, images, chained, paths: all }) => [
                images.map((image) => sprites.picture(image)),
                paths(all),
                chained ? `${kind}, a chain` : kind,
              ]),
            }),
          ),
      outlierCount === 0 || shown.outliers.length === 0
        ? null
        : html`<h3>Outliers</h3>
${paragraph(`${listed('The most unusual', shown.outliers.length, outlierCount)}, with the label each would have got. labels.csv marks all of them.`)}<ul class="pictures">
${shown.outliers.map(
  (
    image,
  ) => html`<li title="${image.path.slice(0, 240)}">${sprites.picture(image.image)}<span>${className(image.label)}</span><span>${percent(image.confidence)}</span></li>
`,
)}</ul>
`,
    ],
  };
}

function groupsRow({ groups, alone, from, labels, observations, largest }: GroupsFound): Content[] {
  const others = alone > 0 ? `, and ${counted(alone, 'image')} in none` : '';
  return [
    'Groups',
    count(groups),
    html`of images that count as one observation, by ${userText(from, 80)}${others}: the ${count(labels)} labels are ${counted(observations, 'observation')}, the largest of ${counted(largest, 'label')}`,
  ];
}

function scenesRow({ share, scenes, unlabelled }: FixedScenes): Content[] {
  const without = unlabelled > 0 ? `, ${count(unlabelled)} of them without a label` : '';
  return [
    'Places',
    count(scenes),
    `backgrounds of fixed cameras seen among a sample${without}: ${percent(share)} of the images have one of them`,
  ];
}

function conflictsTable(conflicts: View['report']['audit']['conflicts'], all: number): Content {
  if (conflicts.length === 0) return null;
  return table({
    caption: listed('Copies with different given labels', Math.min(mostGroups, conflicts.length), all),
    columns: [{ head: 'Images' }, { head: 'Labels' }, { head: 'Kind' }],
    rows: conflicts
      .slice(0, mostGroups)
      .map(({ kind, paths: images, labels }) => [
        paths(images),
        labels.slice(0, mostCopies).map((label, at) => [at > 0 ? ', ' : '', className(label)]),
        kind,
      ]),
  });
}

function paths(all: readonly string[]): Html {
  const rest = all.length - mostCopies;
  return html`${all.slice(0, mostCopies).map((path, at) => [at > 0 ? html`<br>` : null, pathName(path)])}${
    rest > 0 ? html`<br>and ${counted(rest, 'more', 'more')}` : null
  }`;
}

/** A list's heading that owns up to what it leaves out. */
export function listed(what: string, shown: number, all: number): string {
  return shown < all ? `${what} (${count(shown)} of ${count(all)})` : what;
}
