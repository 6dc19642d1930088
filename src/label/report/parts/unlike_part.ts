import { noneOfTheseText } from '../../../data/labels/none_of_these.ts';
import type { NewGroupFound, UnlikeImage, UnnamedFound } from '../../novelty/unnamed_found.ts';
import { note, type Part, paragraph, table, type View } from '../elements.ts';
import { count, counted, percent, range } from '../format.ts';
import { type Content, className, clip, type Html, html } from '../html.ts';
import { isEvident } from '../unnamed.ts';
import { mostClasses } from './classes_part.ts';
import { listed } from './data_part.ts';

/** The part on images that are unlike the labelled ones, and on classes that nobody named. */
export function unlikePart(view: View): Part {
  const { unnamed, noneOfThese } = view.report;
  return {
    id: 'unlike',
    title: 'Unlike the labelled images',
    body: [
      noneOfThese
        ? note(
            `${counted(noneOfThese, 'image')} given as '${noneOfTheseText}': of no class, left out of the classifier, and wrong wherever the labels are checked.`,
          )
        : null,
      unnamed
        ? [shares(unnamed), unlikeImages(unnamed, view), newGroups(unnamed, view)]
        : note('There are too few given labels to say how unlike them the other images are.'),
    ],
  };
}

function shares({ share, automatic, withheld, groups }: UnnamedFound): Content {
  const rows = [
    { name: 'without a label', found: share },
    { name: 'that would be automatic', found: automatic },
  ].flatMap(({ name, found }) =>
    found ? [[name, percent(found.share), range(found.interval), `at least ${percent(found.atLeast)}`]] : [],
  );
  const verdict = withheld
    ? 'That alone would break the promise, so none is given.'
    : isEvident({ share })
      ? 'That there are some is more than chance explains.'
      : 'That there are any is no more than chance explains.';
  return [
    paragraph(
      html`How far an image lies from the labelled ones, and how many lie nearer to it than these, is held against the same figures of labelled images of other groups. ${rows.length > 0 ? verdict : null}`,
    ),
    rows.length === 0
      ? null
      : table({
          caption: 'Images of no named class, as far as they do not look like one of a named class',
          columns: [
            { head: 'Among images' },
            { head: 'Share', numeric: true },
            { head: '95% interval', numeric: true },
            { head: 'With 95% confidence', numeric: true },
          ],
          rows,
        }),
    groups.length === 0 ? note('Nothing unlike the labelled images forms a group.') : null,
  ];
}

function unlikeImages({ unlike }: UnnamedFound, { sprites }: View): Html {
  return html`<h3>Most unlike</h3>
${paragraph(
  'With the label that each would get, and the chance of an image of a named class being as unlike. One in twenty images of named classes is below 5%.',
)}<ul class="pictures">
${unlike.map(
  ({ image, path, label, chance }) =>
    html`<li title="${clip(path, 240, 'path')}">${sprites.picture(image)}<span>${className(label)}</span><span>${percent(chance)}</span></li>
`,
)}</ul>
`;
}

function newGroups(found: UnnamedFound, view: View): Content {
  const { groups, groupCount } = found;
  if (groups.length === 0) return null;
  const names = view.report.classes.slice(0, mostClasses);
  return html`<div class="naming">
<h3>${isEvident(found) ? 'Groups of likely new classes' : 'Groups among the most unlike'}</h3>
${paragraph(
  html`${listed('The largest', groups.length, groupCount)}: images unlike the labelled ones that are more like one another than images of two classes are; of copies, and of groups that count once, one. Some may be odd images of a class that has a name. <span class="scripted">Name a group, leave out by a click what does not belong, and take the labels home: given to the next run, they make it a class of its own, or tell that it is none.</span>`,
)}${groups.map((group, at) => newGroup(group, at, view))}<datalist id="class-names">${names.map(({ name }) => html`<option value="${clip(name, 200)}"></option>`)}</datalist>
<p class="scripted take"><output></output> <a download="named.csv" hidden>take named.csv home</a></p>
</div>
`;
}

function newGroup({ shown, images, observations, predicted }: NewGroupFound, at: number, view: View): Html {
  const more = observations > shown.length ? `, ${count(shown.length)} of them shown` : '';
  const counts =
    images === observations
      ? counted(images, 'image')
      : `${counted(images, 'image')}, ${counted(observations, 'observation')}`;
  const own = `new class ${at + 1}`;
  return html`<div class="newgroup">
<h4>Group ${at + 1}: ${counts}${more}</h4>
<p>${count(predicted.observations)} of ${count(observations)} would be called ${className(predicted.name)}.</p>
<ul class="pictures">
${shown.map((image) => choice(image, view))}</ul>
<p class="scripted"><label>Name <input list="class-names" maxlength="200"></label>${[own, predicted.name, noneOfTheseText].map((name) => html` <button type="button" data-name="${name}">${clip(name, 32)}</button>`)}</p>
</div>
`;
}

function choice({ image, path }: UnlikeImage, { sprites }: View): Html {
  return html`<li><button type="button" aria-pressed="true" data-path="${asciiJson(path)}" title="${clip(path, 240, 'path')}">${sprites.picture(image)}<span class="hidden">${clip(path, 80, 'path')}</span></button></li>
`;
}

/** JSON in plain characters only: a page shows others of a path as pictures, and a script must have the path itself. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
