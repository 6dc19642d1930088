/** A repository of models at one commit, as the hub tells of it. */
export interface HubRevision {
  /** Its name: `owner/name`. */
  readonly repository: string;
  /** The branch, tag or commit that was asked for. */
  readonly revision: string;
  /** The commit that this is now: 40 hexadecimal digits. */
  readonly commit: string;
  /** What its model card says that the weights may be used under; undefined where it says nothing. */
  readonly licence: string | undefined;
}

/** A file of a commit. Its content never changes. */
export interface HubFile {
  /** Its path in the repository. */
  readonly name: string;
  readonly bytes: number;
  /** What its content must hash to: large files have a SHA-256, others the SHA-1 that git knows them by. */
  readonly hash: { readonly kind: 'sha256' | 'git'; readonly hex: string };
}

/** Where a file of the hub belongs. */
export interface HubPlace {
  readonly repository: string;
  readonly commit: string;
  readonly file: HubFile;
}

/** The hub of models, and the folder in which what came from it is kept. */
export interface Hub {
  /** Its host, for people: `huggingface.co`. */
  readonly host: string;
  /** The folder in which what came from it is kept, in the layout of huggingface_hub. */
  readonly cache: string;
  /** Why it may not be asked, in words; undefined where it may. */
  readonly offline: string | undefined;
  /**
   * Which commit a branch or tag is now, and the licence.
   * @throws UserError where the hub cannot be reached or refuses, saying what to do
   */
  look(repository: string, revision: string): Promise<HubRevision>;
  /** The files at the top of a commit, without its folders. @throws UserError as `look` */
  files(repository: string, commit: string): Promise<HubFile[]>;
  /**
   * Fetches a file into the cache: what an earlier attempt left is gone on with, the content is checked against its hash,
   * and only then has the file its name. Where it is there already nothing is fetched.
   * @param onBytes hears how many bytes are there, now and then
   * @throws UserError as `look`; where the content is not what the hub says; for a full disk
   */
  fetch(place: HubPlace, onBytes: (bytes: number) => void): Promise<void>;
  /** Keeps which commit a branch or tag was. */
  keepRef(revision: HubRevision): Promise<void>;
  /** Keeps that a commit has no files of these names. */
  keepAbsent(repository: string, commit: string, names: readonly string[]): Promise<void>;
  /** Runs what fetches files of a repository, after whoever else here is at it. @param onWait told once where it waits */
  alone<T>(repository: string, body: () => Promise<T>, onWait: () => void): Promise<T>;
}
