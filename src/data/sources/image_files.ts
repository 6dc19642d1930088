import {
  type ImageKind,
  imageKind,
  kindReach,
  type UnreadKind,
  unreadKinds,
} from '../../formats/images/image_kind.ts';
import { pureReaders } from '../../formats/images/pure_readers.ts';
import { imagesOfTiff } from '../../formats/images/tiff/checks.ts';
import type { Files } from '../../platform/platform.ts';
import { mapAtOnce } from '../map_at_once.ts';
import type { UnreadableImage } from './image_stream.ts';

/** An image of a folder: a file, or one of the images in a file. */
export interface ImageFile {
  /** As the source lists it: the file's path below the folder, with `#page` where the file holds several images. */
  readonly path: string;
  /** Where the file is. */
  readonly file: string;
  /** Which of its images, from 0. */
  readonly page: number;
}

/** The images of a folder. */
export interface FolderImages {
  /** In the order of their paths, the pages of a file in theirs. */
  readonly images: readonly ImageFile[];
  /** Words for what was left out, the most frequent first: `12 .txt`, `2 raw photos (.nef)`. */
  readonly leftOut: readonly string[];
  /** Of these, images of kinds that are not read, in the order of their paths. */
  readonly unread: readonly UnreadableImage[];
  /** Files of several images. */
  readonly stacks: number;
  /** GIF files, of which an animation's first picture counts. */
  readonly gifs: number;
}

/** Whatever its name ends in, a file is decoded by its content. */
const images = /\.(png|jpe?g|jpe|jfif|pjpe?g|webp|gif|bmp|dib|tiff?|avif|hei[cf]|hif|dcm|dicom)$/i;
/** Formats that hold several images in a file. */
const stacks = /\.(tiff?|dcm|dicom)$/i;
const gif = /\.gif$/i;

/** Endings of what is no image or none that is read, so that nobody needs to look into the files. */
const others: Readonly<Record<string, UnreadKind | undefined>> = {
  ...endings(
    'txt csv tsv json jsonl ndjson xml html htm css js mjs ts md rst log ini cfg conf toml yaml yml py ipynb r m sh bat' +
      ' doc docx xls xlsx ppt pptx odt ods rtf epub zip gz tgz tar bz2 xz 7z rar iso dmg exe dll so lnk url' +
      ' mp3 wav flac ogg m4a aac npy npz mat h5 hdf5 hdf parquet feather arrow pkl pickle pt pth ckpt safetensors onnx' +
      ' tflite pb db sqlite xmp aae lrcat thm tmp bak',
    undefined,
  ),
  ...endings('mp4 m4v mov avi mkv webm wmv flv mpg mpeg mts m2ts 3gp', 'video'),
  ...endings(
    'dng cr2 cr3 crw nef nrw arw sr2 srf orf raf rw2 pef srw x3f erf kdc dcr mrw 3fr fff iiq rwl',
    'raw',
  ),
  ...endings('psd psb', 'psd'),
  ...endings('svg svgz', 'svg'),
  ...endings('pdf', 'pdf'),
  ...endings('jxl', 'jxl'),
  ...endings('jp2 j2k jpf jpx j2c', 'jp2'),
  ...endings('ico cur', 'ico'),
  ...endings('ppm pgm pbm pnm pam', 'pnm'),
  ...endings('exr', 'exr'),
  ...endings('hdr', 'hdr'),
  ...endings('dds', 'dds'),
  ...endings('xcf', 'xcf'),
  ...endings('fits fit fts', 'fits'),
  ...endings('nii', 'nifti'),
  ...endings('czi', 'czi'),
  ...endings('lif', 'lif'),
  ...endings('nd2', 'nd2'),
};

function endings(list: string, kind: UnreadKind | undefined): Record<string, UnreadKind | undefined> {
  return Object.fromEntries(list.split(' ').map((ending) => [ending, kind]));
}

/** So much of a file is searched for the number of its images, before all of it is read for that. */
const framesReach = 1 << 15;

/** Files that are looked into at a time. */
const looksAtOnce = 16;

/**
 * Finds the images among the files of a folder: by their endings, and by their first bytes where an ending says nothing.
 * @param listed paths below the folder, in order
 */
export async function findImages(
  files: Pick<Files, 'join' | 'readSlice' | 'read'>,
  folder: string,
  listed: readonly string[],
): Promise<FolderImages> {
  const counts = new Map<string, number>();
  const count = (words: string) => counts.set(words, (counts.get(words) ?? 0) + 1);
  const unread = new Map<string, UnreadableImage>();
  const leave = (path: string, kind: UnreadKind | undefined, ending: string) => {
    count(wordsFor(kind, ending));
    if (kind !== undefined && kind !== 'video' && kind !== 'pdf')
      unread.set(path, { path, reason: `${unreadKinds[kind]} are not read` });
    return [];
  };
  let [many, gifs] = [0, 0];
  const found = await mapAtOnce(listed, looksAtOnce, async (path) => {
    const file = files.join(folder, path);
    if (gif.test(path)) gifs++;
    if (images.test(path)) {
      if (!stacks.test(path)) return [{ path, file, page: 0 }];
      return pagesOf(files, path, file, undefined);
    }
    const ending = endingOf(path);
    if (Object.hasOwn(others, ending)) return leave(path, others[ending], ending);
    const kind = await kindOf(files, file);
    if (kind === undefined || kind in unreadKinds) return leave(path, kind as UnreadKind | undefined, ending);
    return pagesOf(files, path, file, kind);
  });
  for (const pages of found) if (pages.length > 1) many++;
  return {
    images: found.flat(),
    leftOut: [...counts]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([words, n]) => counted(words, n)),
    unread: listed.flatMap((path) => unread.get(path) ?? []),
    stacks: many,
    gifs,
  };
}

/** Letters behind the last point of a file's name; digits there are part of a name such as a DICOM identifier's. */
function endingOf(path: string): string {
  const ending = /[^/]\.([^./]+)$/.exec(path)?.[1] ?? '';
  return /^\d+$/.test(ending) || ending.length > 8 ? '' : ending.toLowerCase();
}

function wordsFor(kind: UnreadKind | undefined, ending: string): string {
  const shown = ending === '' ? 'without an ending' : `.${ending}`;
  return kind === undefined ? shown : `${unreadKinds[kind]}\0${shown}`;
}

/** `3 .txt`, `2 raw photos (.nef)` */
function counted(words: string, count: number): string {
  const [kind, ending] = words.split('\0');
  if (ending === undefined) return `${count} ${kind}`;
  const many = kind!.replace(/ \(.*\)$/, '');
  return `${count} ${count === 1 ? many.replace(/s$/, '') : many} (${ending})`;
}

async function kindOf(files: Pick<Files, 'readSlice'>, file: string): Promise<ImageKind | undefined> {
  return files
    .readSlice(file, 0, kindReach)
    .then(imageKind)
    .catch(() => undefined);
}

/** The images in a file that may hold several. One that cannot be opened is one image, whose reading then says why. */
async function pagesOf(
  files: Pick<Files, 'readSlice' | 'read'>,
  path: string,
  file: string,
  known: ImageKind | undefined,
): Promise<ImageFile[]> {
  const kind = known ?? (await kindOf(files, file));
  const numbers = await pageNumbers(files, file, kind).catch(() => [0]);
  const [first = 0] = numbers;
  if (numbers.length < 2) return [{ path, file, page: first }];
  return numbers.map((page) => ({ path: `${path}#${page}`, file, page }));
}

async function pageNumbers(
  files: Pick<Files, 'readSlice' | 'read'>,
  file: string,
  kind: ImageKind | undefined,
): Promise<number[]> {
  if (kind === 'tiff') return imagesOfTiff((offset, length) => files.readSlice(file, offset, length));
  const reader = kind && pureReaders[kind];
  if (!reader?.pages || !reader.mayHoldSeveral?.(await files.readSlice(file, 0, framesReach))) return [0];
  return Array.from({ length: await reader.pages(await files.read(file)) }, (_, page) => page);
}
