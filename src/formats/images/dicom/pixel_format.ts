import { checkSides, UnreadableImage } from '../raw_image.ts';
import { type DataSet, tags } from './data_set.ts';

/** How a DICOM file's pixels are laid out (PS3.3, C.7.6.3). */
export interface PixelFormat {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Numbers a pixel: 1, or 3 for colours. */
  readonly perPixel: 1 | 3;
  /** What the numbers mean: `MONOCHROME2`, `RGB`, `YBR_FULL`, … */
  readonly photometric: string;
  /** Whether the three colours come one after the other, each as a whole plane. */
  readonly planar: boolean;
  /** Bits that a number takes in the file. */
  readonly allocated: 1 | 8 | 16 | 32 | 64;
  /** Bits of them that are the number; others may hold an overlay. */
  readonly stored: number;
  /** How far the number stands above the lowest bit. */
  readonly shift: number;
  readonly signed: boolean;
  /** Whether the numbers are floating-point ones, of 32 or 64 bits. */
  readonly float: boolean;
}

/**
 * Reads the layout.
 * @throws UnreadableImage where it is not one that this reader knows, or the image is over 50 megapixels
 */
export function pixelFormat(data: DataSet): PixelFormat {
  const height = data.short(0x00280010);
  const width = data.short(0x00280011);
  if (height === undefined || width === undefined)
    throw new UnreadableImage('damaged (it does not say its size)');
  checkSides(width, height);
  const perPixel = data.short(0x00280002) ?? 1;
  const photometric = data.text(0x00280004) || 'MONOCHROME2';
  const known =
    perPixel === 1 ? /^(MONOCHROME[12]|PALETTE COLOR)$/ : /^(RGB|YBR_FULL|YBR_FULL_422|YBR_ICT|YBR_RCT)$/;
  if ((perPixel !== 1 && perPixel !== 3) || !known.test(photometric)) {
    throw new UnreadableImage(
      `of ${perPixel} numbers a pixel as ${photometric.slice(0, 16)}, which is not read`,
    );
  }
  const frames = data.decimal(0x00280008) ?? 1;
  return {
    width,
    height,
    frames: Math.max(1, Math.floor(frames)),
    perPixel,
    photometric,
    planar: perPixel === 3 && data.short(0x00280006) === 1,
    ...numberFormat(data),
  };
}

type NumberFormat = Pick<PixelFormat, 'allocated' | 'stored' | 'shift' | 'signed' | 'float'>;

function numberFormat(data: DataSet): NumberFormat {
  const float = { stored: 32, shift: 0, signed: true, float: true } as const;
  if (data.find(tags.floatPixelData)) return { ...float, allocated: 32 };
  if (data.find(tags.doublePixelData)) return { ...float, allocated: 64 };
  const allocated = data.short(0x00280100) ?? 16;
  if (allocated !== 1 && allocated !== 8 && allocated !== 16 && allocated !== 32) {
    throw new UnreadableImage(`of ${allocated} bits a number, which is not read`);
  }
  const stored = data.short(0x00280101) ?? allocated;
  if (stored < 1 || stored > allocated) throw new UnreadableImage(`damaged (${stored} bits in ${allocated})`);
  // The highest bit is the number's own last one in every file but some old ones, which put an overlay below.
  const high = data.short(0x00280102) ?? stored - 1;
  const shift = high >= stored - 1 && high < allocated ? high - (stored - 1) : 0;
  return { allocated, stored, shift, signed: data.short(0x00280103) === 1, float: false };
}
