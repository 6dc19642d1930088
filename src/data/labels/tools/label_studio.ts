import { UserError } from '../../../errors.ts';
import { originOf, placesOf } from './fields.ts';
import { isObject, type JsonObject, objectsOf, own, textOf, textsOf } from './json_values.ts';
import type { ToolEntry, ToolFile } from './tool_file.ts';

// The export's layout: https://labelstud.io/guide/export. A task has `data`, whose fields are whatever was imported, and
// `annotations` (`completions` in old versions), each with the `result` of its controls.

/** Whether a JSON value is a list of Label Studio's tasks, or one of them. */
export const isTasks = (value: unknown): boolean => {
  const [first] = Array.isArray(value) ? value : [value];
  return (
    isObject(first) &&
    isObject(own(first, 'data')) &&
    ['annotations', 'completions', 'predictions', 'id'].some((key) => Object.hasOwn(first, key))
  );
};

/**
 * Labels of Label Studio's JSON. Annotations count, whatever the fields of `data` say; cancelled ones and predictions do
 * not. Where some of a task are marked as ground truth, these alone count.
 * @throws UserError where the tasks ask several questions of which none is named `label` or `choice`
 */
export function readTasks(value: unknown, file: string): ToolFile {
  const tasks = objectsOf(Array.isArray(value) ? value : [value]);
  const control = controlOf(
    new Set(tasks.flatMap((task) => annotationsOf(task).flatMap(controlNames))),
    file,
  );
  return {
    tool: 'Label Studio JSON',
    entries: tasks.flatMap((task, index) => entriesOf(task, control, file, index)),
  };
}

function entriesOf(task: JsonObject, control: string | undefined, file: string, index: number): ToolEntry[] {
  const data = own(task, 'data');
  const upload = textOf(own(task, 'file_upload'));
  const places = [...(isObject(data) ? placesOf(data) : []), ...(upload ? [upload] : [])];
  const origin = isObject(data) ? originOf(data, file, index + 1) : undefined;
  const all = annotationsOf(task);
  if (all.length === 0) return [{ places, classes: [], leftOut: 'open' }];
  const standing = all.filter((annotation) => !isCancelled(annotation));
  const truth = standing.filter((annotation) => own(annotation, 'ground_truth') === true);
  if (standing.length === 0) return [{ places, classes: [], leftOut: 'cancelled' }];
  return (truth.length > 0 ? truth : standing).map((annotation) => ({
    places,
    classes: classesOf(objectsOf(own(annotation, 'result')), control),
    origin,
  }));
}

const annotationsOf = (task: JsonObject): JsonObject[] =>
  objectsOf(own(task, 'annotations') ?? own(task, 'completions'));

const isCancelled = (annotation: JsonObject): boolean =>
  ['was_cancelled', 'skipped'].some((key) => own(annotation, key) === true);

const controlNames = (annotation: JsonObject): string[] =>
  objectsOf(own(annotation, 'result'))
    .filter((result) => valueClasses(own(result, 'value')).length > 0)
    .flatMap((result) => textOf(own(result, 'from_name')) ?? []);

function classesOf(results: readonly JsonObject[], control: string | undefined): string[] {
  const answers = results.filter(
    (result) => control === undefined || textOf(own(result, 'from_name')) === control,
  );
  return answers.flatMap((result) => valueClasses(own(result, 'value')));
}

/** The classes in the value of a result: choices, a taxonomy's last steps, or the labels of regions. */
export function valueClasses(value: unknown): string[] {
  if (!isObject(value)) return [];
  const choices = textsOf(own(value, 'choices'));
  if (choices.length > 0) return choices;
  const steps = own(value, 'taxonomy');
  if (Array.isArray(steps)) return steps.flatMap((step) => textsOf(step).at(-1) ?? []);
  return Object.keys(value)
    .filter((key) => /labels$/.test(key))
    .flatMap((key) => textsOf(value[key]));
}

/** The one control that holds the class. @throws UserError where several may */
export function controlOf(names: ReadonlySet<string>, file: string): string | undefined {
  const named = ['label', 'choice'].find((name) => names.has(name));
  if (named !== undefined || names.size <= 1) return named ?? [...names][0];
  throw new UserError(
    `${file} answers several questions (${[...names].slice(0, 5).join(', ')}): export one of them, or name the one that holds the class label`,
  );
}
