import type { HubOrigin } from '../../encoder/encoder_card.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { sha256, toHex } from '../../formats/digest.ts';
import { megabytes } from '../../formats/hub_cache.ts';
import type { Files, Hub, HubRevision } from '../../platform/platform.ts';
import type { JobContext } from '../reporter.ts';
import { fetchRevision } from './fetch_revision.ts';
import { type KeptFile, keptRevision } from './kept_files.ts';
import type { HubName } from './names.ts';
import { chosenWeights, configNames, isIndex, partsOf, wantedNames } from './wanted_files.ts';
import type { HubWish } from './wish.ts';

/** An encoder of the hub whose files are here. */
export interface HubEncoder {
  /** Path of its weights, or of their index. */
  readonly weights: string;
  /** Path of another of its files; undefined where it has none of that name. */
  readonly beside: (name: string) => string | undefined;
  /** Where it came from, for config.json and the report. */
  readonly origin: HubOrigin;
}

/** Files of an encoder that are in the cache. */
interface Found {
  readonly weights: KeptFile;
  readonly files: ReadonlyMap<string, KeptFile>;
  /** Names of configurations of which it is not known whether there are such. */
  readonly unknown: readonly string[];
}

/**
 * Finds an encoder of the hub in the user's cache or, where that lacks it and the user says so, fetches it.
 * @throws UserError where it is not there and may not or cannot be fetched, and where it is another than the run had
 */
export async function hubEncoder(
  { files, reporter }: Pick<JobContext, 'files' | 'reporter'>,
  hub: Hub,
  name: HubName,
  wish: HubWish,
): Promise<HubEncoder> {
  const { download, recorded } = wish;
  let found = recorded ? await findRecorded(files, hub, name, recorded) : await find(files, hub, name);
  let licence = recorded?.licence ?? name.known?.licence;
  const more = found !== undefined && found.unknown.length > 0 && download && hub.offline === undefined;
  let fetched: HubRevision | undefined;
  if (!found || more) {
    fetched = await fetchRevision({ files, reporter }, hub, name, wish).catch((error) => {
      // What the cache has is enough to go on with.
      if (!found || !(error instanceof UserError)) throw error;
      reporter.note(error.sentence);
      return undefined;
    });
  }
  if (fetched) {
    licence = fetched.licence ?? licence;
    const commit = { ...name, revision: fetched.commit };
    found = recorded ? await findRecorded(files, hub, name, recorded) : await find(files, hub, commit);
  }
  if (!found) throw new Error(`${name.repository} was fetched and is not in ${hub.cache}`);
  const { weights, files: there, unknown } = found;
  if (unknown.length === configNames.length) {
    reporter.note(
      sentence`${name.repository}: the cache has no ${unknown.join(' or ')}, so how images reach it is not stated; ${named('download')} fetches what there is`,
    );
  }
  const hashes = await Promise.all(
    [...there.values()].map(async ({ name: file, commit, path }) => {
      const hash = toHex(await sha256(await files.read(path)));
      return [file, { commit, sha256: hash }] as const;
    }),
  );
  const origin: HubOrigin = {
    place: name.place,
    repository: name.repository,
    revision: name.revision,
    weights: weights.name,
    ...(licence !== undefined && { licence }),
    files: Object.fromEntries(hashes),
  };
  if (recorded) requireSame(hub, origin, recorded);
  const bytes = (await files.stat(weights.path))?.bytes ?? 0;
  reporter.note(
    `${name.repository}: ${weights.name} (${megabytes(bytes)}) of commit ${weights.commit.slice(0, 12)}${fetched ? '' : ', from the cache of the hub'}; licence: ${licence ?? 'not stated'}`,
  );
  return { weights: weights.path, beside: (file) => there.get(file)?.path, origin };
}

/** The newest that the cache has of a revision; undefined where its weights are not whole there. */
async function find(files: Files, hub: Hub, name: HubName): Promise<Found | undefined> {
  const kept = await keptRevision(files, hub, name);
  const there = new Map<string, KeptFile>();
  const weightsName = await firstKept(kept.file);
  if (weightsName === undefined) return undefined;
  const weights = (await kept.file(weightsName))!;
  const parts = isIndex(weightsName) ? partsOf(await files.read(weights.path), weights.path) : [];
  for (const part of [weightsName, ...parts]) {
    const file = await kept.file(part);
    if (!file) return undefined;
    there.set(part, file);
  }
  const unknown: string[] = [];
  for (const config of configNames) {
    const file = await kept.file(config);
    if (file) there.set(config, file);
    else if (!kept.lacks(config)) unknown.push(config);
  }
  return { weights, files: there, unknown };
}

async function firstKept(look: (name: string) => Promise<KeptFile | undefined>): Promise<string | undefined> {
  const kept = new Set<string>();
  for (const name of wantedNames) if (await look(name)) kept.add(name);
  return chosenWeights((name) => kept.has(name));
}

/** The files that a run was started with; undefined where one of them is gone. */
async function findRecorded(
  files: Files,
  hub: Hub,
  name: HubName,
  recorded: HubOrigin,
): Promise<Found | undefined> {
  const there = new Map<string, KeptFile>();
  for (const [file, { commit }] of Object.entries(recorded.files)) {
    const kept = await (await keptRevision(files, hub, { ...name, revision: commit })).file(file);
    if (!kept) return undefined;
    there.set(file, kept);
  }
  const weights = there.get(recorded.weights);
  return weights && { weights, files: there, unknown: [] };
}

/** @throws UserError where files are not those that a run was started with */
function requireSame({ cache }: Hub, { repository, files }: HubOrigin, recorded: HubOrigin): void {
  for (const [name, { commit, sha256: hash }] of Object.entries(recorded.files)) {
    if (files[name]?.sha256 === hash) continue;
    throw new UserError(
      `${name} of ${repository} at ${commit.slice(0, 12)} is not the file that the run was started with (its SHA-256 differs): delete what ${cache} holds of it and fetch it again, or start anew`,
    );
  }
}
