import type { HubOrigin } from '../../encoder/encoder_card.ts';
import { named, type Sentence, sentence, UserError } from '../../errors.ts';
import { megabytes } from '../../formats/hub_cache.ts';
import type { Files, Hub, HubFile, HubRevision } from '../../platform/platform.ts';
import type { JobContext, Reporter } from '../reporter.ts';
import { keptRevision } from './kept_files.ts';
import { type HubName, usualRevision } from './names.ts';
import { chosenWeights, configNames, isIndex, likelyParts, partsOf, wantedNames } from './wanted_files.ts';
import type { HubWish } from './wish.ts';

/** Files of one commit that are to come. */
interface Shopping {
  readonly revision: HubRevision;
  readonly files: readonly HubFile[];
  /** All files at the commit's top. */
  readonly listed: readonly HubFile[];
}

/**
 * Fetches an encoder's files into the cache: all of one commit, to which the revision is resolved first; or those that a
 * run had, each of its own.
 * @returns what the revision was
 * @throws UserError where nobody allows it, and where the hub, the disk or a hash refuses
 */
export async function fetchRevision(
  { files, reporter }: Pick<JobContext, 'files' | 'reporter'>,
  hub: Hub,
  name: HubName,
  wish: HubWish,
): Promise<HubRevision> {
  const { repository, revision, known } = name;
  const { recorded } = wish;
  const missing = sentence`${recorded ? `${described(recorded)}, with which the run was started,` : nameOf(name)} is not in the cache of the hub (${hub.cache})`;
  if (hub.offline !== undefined)
    throw new UserError(
      sentence`${missing}, and ${hub.offline}: unset it to fetch the files, or let ${named(wish.setting)} name a folder with them`,
    );
  if (!wish.download && !reporter.confirm) {
    const size = known ? ` (${megabytes(known.bytes)}, licence: ${known.licence})` : '';
    throw new UserError(
      sentence`${missing}: add ${named('download')} to fetch it${size} from ${hub.host}, or let ${named(wish.setting)} name a folder with its files`,
    );
  }
  const shopping = recorded
    ? await listRecorded(hub, repository, recorded)
    : [await list(hub, await hub.look(repository, revision))];
  const [first] = shopping;
  if (!wish.download) await requireYes(reporter, hub, name, shopping);
  const wait = () => reporter.note(`${repository}: another process fetches it; waiting for it to end`);
  await hub.alone(
    repository,
    async () => {
      for (const list of shopping) await fetchAll(files, hub, list, reporter);
      if (!recorded && first) await hub.keepRef(first.revision);
    },
    wait,
  );
  return first!.revision;
}

const nameOf = ({ repository, revision }: HubName): string =>
  revision === usualRevision ? repository : `${repository} at ${revision}`;

/** A repository and the commit of its weights. */
const described = ({ repository, weights, files }: HubOrigin): string =>
  `${repository} at ${files[weights]?.commit.slice(0, 12)}`;

/** @throws UserError where the commit has no weights */
async function list(hub: Hub, revision: HubRevision): Promise<Shopping> {
  const { repository, commit } = revision;
  const listed = await hub.files(repository, commit);
  const weights = chosenWeights((name) => listed.some((file) => file.name === name));
  if (weights === undefined) {
    throw new UserError(
      `${repository} has no ${wantedNames.filter((name) => !isIndex(name) && !configNames.some((config) => config === name)).join(' or ')}: name a repository with the weights of an encoder`,
    );
  }
  const wanted = [...configNames, weights];
  return { revision, listed, files: listed.filter(({ name }) => wanted.includes(name)) };
}

/** What a run had, by the commits under which it lay. */
async function listRecorded(hub: Hub, repository: string, { files }: HubOrigin): Promise<Shopping[]> {
  const commits = [...new Set(Object.values(files).map(({ commit }) => commit))];
  return Promise.all(
    commits.map(async (commit) => {
      const revision = await hub.look(repository, commit);
      const listed = await hub.files(repository, commit);
      const own = (file: HubFile) => files[file.name]?.commit === commit;
      return { revision, listed, files: listed.filter(own) };
    }),
  );
}

/** @throws UserError where the person says no */
async function requireYes(
  reporter: Reporter,
  hub: Hub,
  name: HubName,
  shopping: readonly Shopping[],
): Promise<void> {
  const bytes = shopping.flatMap(weighed).reduce((sum, file) => sum + file.bytes, 0);
  const licence = shopping[0]?.revision.licence ?? 'not stated';
  const question: Sentence = sentence`${nameOf(name)} is not in the cache: fetch ${megabytes(bytes)} from ${hub.host} into ${hub.cache}? licence: ${licence}`;
  if (await reporter.confirm!(question)) return;
  throw new UserError(`${nameOf(name)} was not fetched: name another encoder, or a folder with its files`);
}

/** The files of a list and what their indices will want. */
const weighed = ({ files, listed }: Shopping): HubFile[] => {
  const index = files.find(({ name }) => isIndex(name));
  return index ? [...files, ...listed.filter(({ name }) => likelyParts(index.name, name))] : [...files];
};

async function fetchAll(files: Files, hub: Hub, shopping: Shopping, reporter: Reporter): Promise<void> {
  const { revision, listed } = shopping;
  const { repository, commit } = revision;
  const fetch = async (file: HubFile) => {
    const figures = (bytes: number) => [`${megabytes(bytes)} of ${megabytes(file.bytes)}`];
    const stage = `fetching ${file.name}`;
    await hub.fetch({ repository, commit, file }, (bytes) =>
      reporter.progress({ stage, figures: figures(bytes) }),
    );
  };
  // What is small first, so that what is wrong with a repository is told early.
  const sorted = [...shopping.files].sort((a, b) => a.bytes - b.bytes);
  for (const file of sorted) {
    await fetch(file);
    if (!isIndex(file.name)) continue;
    const kept = await keptRevision(files, hub, {
      place: '',
      repository,
      revision: commit,
      known: undefined,
    });
    const { path } = (await kept.file(file.name))!;
    for (const name of partsOf(await files.read(path), `${file.name} of ${repository}`)) {
      const part = listed.find((other) => other.name === name);
      if (!part)
        throw new UserError(
          `${file.name} of ${repository} names ${name}, which the repository lacks: name another repository`,
        );
      await fetch(part);
    }
  }
  const absent = configNames.filter((name) => !listed.some((file) => file.name === name));
  await hub.keepAbsent(repository, commit, absent);
}
