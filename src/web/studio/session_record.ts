import * as v from 'valibot';
import { readTable } from '../../data/labels/csv.ts';
import { UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';

/** Where sessions lie in a page's files. */
export const sessionsFolder = 'sessions';

/** What learns from the images, as a session keeps it. */
const training = v.object({
  method: v.string(),
  /** Path of a given encoder, for `file`; its name, for `hub`. */
  encoder: v.exactOptional(v.string()),
  epochs: v.exactOptional(v.number()),
  batch: v.exactOptional(v.number()),
  width: v.exactOptional(v.number()),
  policy: v.exactOptional(v.union([v.string(), v.record(v.string(), v.unknown())])),
});

const record = v.object({
  version: v.literal(1),
  /** What the person knows it by. */
  name: v.string(),
  /** ISO 8601. */
  created: v.string(),
  /** Names of the classes, in the order of their keys. */
  classes: v.array(v.string()),
  /** The error allowed among automatic labels. */
  target: v.number(),
  stage: v.picklist(['collected', 'paused', 'ready']),
  /** How many images it has. */
  images: v.number(),
  /** Absent before anything was trained. */
  training: v.exactOptional(training),
  /** What to know of how it was read, a line each. */
  notes: v.array(v.string()),
});

/** What session.json holds. */
export type SessionRecord = v.InferOutput<typeof record>;
/** What learns from the images, as a session keeps it. */
export type KeptTraining = v.InferOutput<typeof training>;

/** The encoder whose features a session has without a training of its own; undefined where it trains one. */
export function givenEncoder(training: KeptTraining | undefined): string | undefined {
  const { method, encoder } = training ?? {};
  if (method === 'base') return 'base';
  return method === 'file' || method === 'hub' ? encoder : undefined;
}

/** Where the parts of a session lie. */
export interface SessionPlaces {
  readonly folder: string;
  readonly record: string;
  /** The packed pixels, and the setting that names them. */
  readonly images: string;
  readonly data: string;
  readonly answers: string;
  /** The answers that can be taken back. */
  readonly steps: string;
  /** The labels that were known when a training began: what it learned from must not change under it. */
  readonly known: string;
  readonly features: string;
  readonly encoder: string;
  readonly run: string;
}

/** Where the parts of a session lie. */
export function placesOf({ join }: Pick<Files, 'join'>, id: string): SessionPlaces {
  const folder = join(sessionsFolder, id);
  const images = join(folder, 'images');
  return {
    folder,
    record: join(folder, 'session.json'),
    images,
    data: `pack:${images}`,
    answers: join(folder, 'answers.csv'),
    steps: join(folder, 'steps.jsonl'),
    known: join(folder, 'known.csv'),
    features: join(folder, 'features'),
    encoder: join(folder, 'encoder'),
    run: join(folder, 'run'),
  };
}

/** Reads a session.json. @throws UserError where it is missing or damaged */
export async function readRecord(files: Files, { record: path }: SessionPlaces): Promise<SessionRecord> {
  if ((await files.stat(path))?.kind !== 'file')
    throw new UserError('there is no such session any more: choose another, or begin a new one');
  const text = new TextDecoder().decode(await files.read(path));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), record), text);
  if (parsed.success) return parsed.output;
  throw new UserError(`${path} is damaged: delete the session and begin a new one`);
}

/** Keeps a session.json. */
export async function writeRecord(files: Files, places: SessionPlaces, kept: SessionRecord): Promise<void> {
  await files.writeAtomic(places.record, `${JSON.stringify(kept, null, 2)}\n`);
}

/** How many answers a session has, without opening it; 0 where they cannot be read. */
export async function countAnswers(files: Files, { answers: path }: SessionPlaces): Promise<number> {
  try {
    const { names, rows } = readTable(new TextDecoder().decode(await files.read(path)), path, [
      'path',
      'label',
    ]);
    const at = names.indexOf('label');
    return rows.filter(({ fields }) => fields[at] !== '').length;
  } catch {
    return 0;
  }
}

/** The sessions that are kept. */
export async function sessionIds(files: Files): Promise<string[]> {
  if ((await files.stat(sessionsFolder)) === undefined) return [];
  const found = (await files.list(sessionsFolder)).map((path) => path.split('/'));
  return found.flatMap(([id, name, more]) => (name === 'session.json' && more === undefined ? [id!] : []));
}
