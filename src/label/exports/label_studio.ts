import { named, sentence, UserError } from '../../errors.ts';
import { fixed } from '../files/labels_csv.ts';
import type { ImageLabel } from '../image_label.ts';

/**
 * Tasks for Label Studio (https://labelstud.io/guide/predictions): a given label is an annotation, a predicted one a
 * prediction to start from. `data` also holds what one sorts and filters by.
 * @param options.imageUrl where Label Studio finds an image, by its path; see `localFileUrl`
 * @param options.modelVersion names this run among others
 * @returns the file in pieces, a line for each task
 */
export function* labelStudioTasks(
  labels: Iterable<ImageLabel>,
  { imageUrl, modelVersion }: { imageUrl: (path: string) => string; modelVersion: string },
): Generator<string> {
  let separator = '';
  yield '[';
  for (const { path, label, confidence, status, nearestLabelled } of labels) {
    const result = [{ from_name: 'label', to_name: 'image', type: 'choices', value: { choices: [label] } }];
    const score = Number(fixed(confidence));
    const task = {
      data: { image: imageUrl(path), path, status, confidence: score, nearest_labelled: nearestLabelled },
      ...(status === 'given'
        ? { annotations: [{ result }] }
        : { predictions: [{ model_version: modelVersion, score, result }] }),
    };
    yield `${separator}\n${JSON.stringify(task)}`;
    separator = ',';
  }
  yield '\n]\n';
}

/**
 * The address under which Label Studio serves a file of its own disk. Its document root must lie above the folder of
 * images, so that the folder's name comes first.
 */
export function localFileUrl(folderName: string, path: string): string {
  return `/data/local-files/?d=${[folderName, ...path.split('/')].map(encodeURIComponent).join('/')}`;
}

/**
 * The labelling configuration that belongs to the tasks.
 * @throws UserError for a class name with a control character, which XML cannot hold
 */
export function labelStudioConfig(classes: readonly string[]): string {
  const choices = classes.map((name) => `    <Choice value="${attribute(name)}"/>\n`);
  return `<View>
  <Image name="image" value="$image"/>
  <Choices name="label" toName="image" choice="single-radio">
${choices.join('')}  </Choices>
</View>
`;
}

/** Text as the value of an XML attribute: line breaks and tabs would be read as spaces. */
function attribute(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 has no way to write
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text)) {
    throw new UserError(
      sentence`the class ${JSON.stringify(text)} holds a control character, which Label Studio's XML cannot: rename the class, or leave labelstudio out of ${named('format')}`,
    );
  }
  return text.replace(/[&<>"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
