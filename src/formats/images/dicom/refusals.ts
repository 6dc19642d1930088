import { UnreadableImage } from '../raw_image.ts';
import type { DataSet } from './data_set.ts';
import type { TransferSyntax } from './transfer_syntax.ts';

/** Objects without a picture, by the end of their class's identifier (DICOM PS3.4, table B.5-1, and PS3.3, annex F). */
const classes: Readonly<Record<string, string>> = {
  '1.3.10': 'an index of other DICOM files',
  '5.1.4.1.1.104.1': 'a PDF document',
  '5.1.4.1.1.481.3': 'outlines of structures',
  '5.1.4.1.1.481.5': 'a plan of a therapy',
  '5.1.4.1.1.66': 'raw data of a scanner',
};

/** The same by modality. */
const modalities: Readonly<Record<string, string>> = {
  SR: 'a structured report',
  PR: 'a presentation state',
  KO: 'a selection of other images',
  ECG: 'a curve',
  RTSTRUCT: 'outlines of structures',
  RTPLAN: 'a plan of a therapy',
  REG: 'a registration of other images',
  DOC: 'a document',
};

/** Why a file has no pixels to read. */
export function missingPixels(data: DataSet, storedClass: string): UnreadableImage {
  const root = '1.2.840.10008.';
  const modality = data.text(0x00080060);
  const named =
    classes[storedClass.startsWith(root) ? storedClass.slice(root.length) : ''] ?? modalities[modality];
  return new UnreadableImage(`a DICOM file without an image${named ? ` (${named})` : ''}`);
}

/** What brings pixels that no decoder here reads into a form that it does. */
const converters: readonly (readonly [name: RegExp, advice: string])[] = [
  [/video/, 'export its frames as images'],
  [/JPIP/, 'its pixels are on a server'],
  [/^JPEG Lossless/, 'convert it by "dcmdjpeg IN OUT" of DCMTK or "gdcmconv -w IN OUT" of GDCM'],
  [/^JPEG-LS/, 'convert it by "dcmdjpls IN OUT" of DCMTK or "gdcmconv -w IN OUT" of GDCM'],
  [/^JPEG 2000/, 'convert it by "gdcmconv -w IN OUT" of GDCM'],
];

/** A refusal by the compression's name, with what helps. */
export function unreadPixels({ name }: TransferSyntax): UnreadableImage {
  const advice =
    converters.find(([pattern]) => pattern.test(name))?.[1] ?? 'convert it to Explicit VR Little Endian';
  return new UnreadableImage(`compressed as ${name}, which is not read: ${advice}`);
}
