import type { RawImage, Samples } from '../raw_image.ts';
import type { DataSet, Tag } from './data_set.ts';
import { type LookupTable, lookUp, lookupTable } from './lookup_table.ts';
import type { PixelFormat } from './pixel_format.ts';
import { bounds } from './stored_values.ts';

const valueTransformation: Tag = 0x00289145;
const voiTransformation: Tag = 0x00289132;
const sharedGroups: Tag = 0x52009229;
const frameGroups: Tag = 0x52009230;

/** The data set that describes a frame's values: an item of the functional groups of newer multi-frame files, or the file's own. */
function describing(data: DataSet, frame: number, transformation: Tag): DataSet {
  const own = data.items(frameGroups)[frame]?.items(transformation)[0];
  return own ?? data.items(sharedGroups)[0]?.items(transformation)[0] ?? data;
}

/** What a frame's grey values mean, and which of them the file asks to show. */
export interface Greys {
  /** Stored values as values of the modality: Hounsfield units, say. */
  readonly slope: number;
  readonly intercept: number;
  /** A table in place of slope and intercept. */
  readonly modality: LookupTable | undefined;
  /** The file's first window, of values of the modality. */
  readonly window: { readonly center: number; readonly width: number; readonly curve: string } | undefined;
  /** A table in place of a window. */
  readonly voi: LookupTable | undefined;
}

/** Reads what the file says about a frame's values; several windows are for the viewer to choose from, and the first is the one to begin with. */
export function greys(data: DataSet, format: PixelFormat, frame: number): Greys {
  const values = describing(data, frame, valueTransformation);
  const shown = describing(data, frame, voiTransformation);
  const [modalityItem] = data.items(0x00283000);
  const modality = modalityItem && lookupTable(modalityItem, 0x00283002, 0x00283006, format.signed);
  const slope = values.decimal(0x00281053) || 1;
  const intercept = values.decimal(0x00281052) ?? 0;
  const [center, width] = [shown.decimal(0x00281050), shown.decimal(0x00281051)];
  const curve = shown.text(0x00281056) || 'LINEAR';
  const isWindow =
    center !== undefined && width !== undefined && width > 0 && (curve !== 'LINEAR' || width >= 1);
  const canBeNegative = slope * bounds(format)[0] + intercept < 0;
  const [voiItem] = data.items(0x00283010);
  return {
    slope,
    intercept,
    modality,
    window: isWindow ? { center, width, curve } : undefined,
    voi: voiItem && lookupTable(voiItem, 0x00283002, 0x00283006, canBeNegative),
  };
}

/** Grey values as an image: values of the modality, and the range that the file's window or table makes of them. */
export function greyImage(stored: Samples, format: PixelFormat, meaning: Greys): RawImage {
  const { width, height, photometric, allocated } = format;
  const { window, voi } = meaning;
  const inverted = photometric === 'MONOCHROME1' ? { inverted: true } : {};
  const image = { width, height, channels: 1 as const, ...inverted };
  const values = modalityValues(stored, format, meaning);
  if (window?.curve === 'SIGMOID') {
    const { center, width: spread } = window;
    const curve = (value: number) => 1 / (1 + Math.exp((-4 * (value - center)) / spread));
    return { ...image, samples: Float32Array.from(values, curve), range: [0, 1] };
  }
  if (window) return { ...image, samples: values, range: windowRange(window) };
  if (voi) {
    const samples = Uint16Array.from(values, (value) => lookUp(voi, value));
    return { ...image, samples, range: [0, 2 ** voi.bits - 1] };
  }
  const isFew = values === stored && (allocated === 1 || (allocated === 8 && format.stored < 8));
  return { ...image, samples: values, ...(isFew ? { range: bounds(format) } : {}) };
}

/** The values of a window's ends (PS3.3, C.11.2.1.2): of LINEAR they are one apart from those that the width says. */
function windowRange({ center, width, curve }: NonNullable<Greys['window']>): readonly [number, number] {
  if (curve === 'LINEAR_EXACT') return [center - width / 2, center + width / 2];
  // A width of 1 is a step between two whole numbers.
  if (width === 1) return [center - 1, center];
  return [center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2];
}

/** Stored values as values of the modality, as whole numbers where they all are. */
function modalityValues(
  stored: Samples,
  format: PixelFormat,
  { slope, intercept, modality }: Greys,
): Samples {
  if (modality) return Uint16Array.from(stored, (value) => lookUp(modality, value));
  if (slope === 1 && intercept === 0) return stored;
  const ends = bounds(format).map((value) => slope * value + intercept);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const isWhole = !format.float && Number.isInteger(slope) && Number.isInteger(intercept);
  const out = emptySamples(stored.length, isWhole, low, high);
  for (let i = 0; i < stored.length; i++) out[i] = slope * stored[i]! + intercept;
  return out;
}

function emptySamples(length: number, isWhole: boolean, low: number, high: number): Samples {
  if (!isWhole) return new Float32Array(length);
  if (low >= -(2 ** 15) && high < 2 ** 15) return new Int16Array(length);
  if (low >= 0 && high < 2 ** 16) return new Uint16Array(length);
  return low >= -(2 ** 31) && high < 2 ** 31 ? new Int32Array(length) : new Float32Array(length);
}

/**
 * Replaces the values of pixels that are no picture (around a scanner's circle, say) by the darkest of the others, so that
 * they are black and widen no range.
 * @param isLightDark whether the largest stored value is the darkest
 */
export function withoutPadding(
  stored: Samples,
  data: DataSet,
  format: PixelFormat,
  isLightDark: boolean,
): Samples {
  const value = data.short(0x00280120, format.signed);
  if (value === undefined || format.float || format.allocated === 1) return stored;
  const limit = data.short(0x00280121, format.signed) ?? value;
  const [from, to] = [Math.min(value, limit), Math.max(value, limit)];
  let darkest: number | undefined;
  for (const number of stored) {
    if (number >= from && number <= to) continue;
    if (darkest === undefined || (isLightDark ? number > darkest : number < darkest)) darkest = number;
  }
  if (darkest === undefined) return stored;
  const replacement = darkest;
  return stored.map((number) => (number >= from && number <= to ? replacement : number)) as Samples;
}
