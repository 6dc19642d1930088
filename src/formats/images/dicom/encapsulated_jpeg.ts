import { truncated, UnreadableImage } from '../raw_image.ts';

const startOfScan = 0xda;
const adobe = 0xee;

/** Segments that say how colours are kept: marker, first letters, and the length that decoders ask of it. */
const saying = [
  { marker: 0xe0, letters: 'JFIF\0', length: 16 },
  { marker: adobe, letters: 'Adobe', length: 14 },
];

/** Markers of a frame's beginning (ITU-T T.81, table B.1): all of C0 to CF but tables and arithmetic conditioning. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/**
 * Makes a JPEG out of DICOM one that any decoder shows in its colours. In DICOM the data set says whether the three
 * numbers of a pixel are colours or brightness and differences; a JPEG alone says so by a JFIF or an Adobe segment, and a
 * decoder that finds neither takes it for the second.
 * @param isRgb what the data set says
 * @throws UnreadableImage where it is no JPEG of 8 bits that common decoders read
 */
export function standaloneJpeg(jpeg: Uint8Array, isRgb: boolean): Uint8Array {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw truncated();
  let saysColours = false;
  for (let at = 2; at + 4 <= jpeg.length; ) {
    const marker = jpeg[at + 1]!;
    if (jpeg[at] !== 0xff) throw truncated();
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === startOfScan) break;
    saysColours ||= saying.some(
      (segment) =>
        marker === segment.marker &&
        256 * jpeg[at + 2]! + jpeg[at + 3]! >= segment.length &&
        String.fromCharCode(...jpeg.subarray(at + 4, at + 9)) === segment.letters,
    );
    if (isFrame(marker)) {
      const isCommon = marker <= 0xc2 && jpeg[at + 4] === 8;
      if (!isCommon) {
        const bits = jpeg[at + 4];
        throw new UnreadableImage(
          `compressed as JPEG of ${marker > 0xc2 ? 'a rare kind' : `${bits} bits`}, which is not read: convert it by "dcmdjpeg IN OUT" of DCMTK`,
        );
      }
    }
    at += 2 + 256 * jpeg[at + 2]! + jpeg[at + 3]!;
  }
  if (!isRgb || saysColours) return jpeg;
  const segment = [
    0xff,
    adobe,
    0,
    14,
    ...[...'Adobe'].map((letter) => letter.charCodeAt(0)),
    0,
    100,
    0,
    0,
    0,
    0,
    0,
  ];
  const whole = new Uint8Array(jpeg.length + segment.length);
  whole.set(jpeg.subarray(0, 2));
  whole.set(segment, 2);
  whole.set(jpeg.subarray(2), 2 + segment.length);
  return whole;
}
