/** Markers of JPEG files (ISO/IEC 10918-1, table B.1) behind their 0xff. */
export const markers = {
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  huffmanTables: 0xc4,
  restartInterval: 0xdd,
  baseline: 0xc0,
  extended: 0xc1,
  progressive: 0xc2,
  jfif: 0xe0,
  adobe: 0xee,
} as const;

/** The byte that every marker begins with. */
export const markerStart = 0xff;

/** Whether a marker stands alone, without a length behind it: restarts, beginning and end of the image, TEM. */
export const standsAlone = (marker: number): boolean => (marker >= 0xd0 && marker <= 0xd9) || marker === 0x01;

/** Whether a marker is one of the eight that restart a scan's codes. */
export const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;

/** A color component as the frame's header has it. */
export interface Component {
  /** By which scans name it. */
  readonly id: number;
  /** Blocks across and down in each MCU of an interleaved scan. */
  readonly across: number;
  readonly down: number;
}

/** What a frame's header says (SOF0, SOF1 or SOF2). */
export interface Frame {
  readonly progressive: boolean;
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
}

/** Reads a frame's header. @param body the segment behind its length; undefined where it is too short or empty */
export function readFrame(marker: number, body: Uint8Array): Frame | undefined {
  const count = body[5] ?? 0;
  if (count < 1 || count > 4 || body.length < 6 + 3 * count) return undefined;
  const components = Array.from({ length: count }, (_, i) => ({
    id: body[6 + 3 * i]!,
    across: body[7 + 3 * i]! >> 4,
    down: body[7 + 3 * i]! & 15,
  }));
  if (components.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4))
    return undefined;
  const frame = {
    progressive: marker === markers.progressive,
    height: 256 * body[1]! + body[2]!,
    width: 256 * body[3]! + body[4]!,
    components,
  };
  return frame.width > 0 && frame.height > 0 ? frame : undefined;
}

/** One component of a scan. */
export interface ScanPart {
  readonly component: Component;
  /** Numbers of its Huffman tables. */
  readonly dc: number;
  readonly ac: number;
}

/** What a scan's header says (SOS). */
export interface Scan {
  readonly parts: readonly ScanPart[];
  /** First and last coefficient that the scan brings. */
  readonly first: number;
  readonly last: number;
  /** Bits that are still missing behind the scan. */
  readonly low: number;
}

/** Reads a scan's header. @param body the segment behind its length; undefined where it does not fit the frame */
export function readScan(frame: Frame, body: Uint8Array): Scan | undefined {
  const count = body[0] ?? 0;
  if (count < 1 || count > 4 || body.length < 4 + 2 * count) return undefined;
  const parts: ScanPart[] = [];
  for (let i = 0; i < count; i++) {
    const component = frame.components.find(({ id }) => id === body[1 + 2 * i]);
    if (!component) return undefined;
    parts.push({ component, dc: body[2 + 2 * i]! >> 4, ac: body[2 + 2 * i]! & 15 });
  }
  const at = 1 + 2 * count;
  return { parts, first: body[at]!, last: body[at + 1]!, low: body[at + 2]! & 15 };
}

/** Where the next marker that is neither a restart nor a stuffed byte begins; the length where there is none. */
export function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(markerStart, from); at >= 0; at = bytes.indexOf(markerStart, at + 1)) {
    const marker = bytes[at + 1];
    if (marker === undefined) return bytes.length;
    if (marker !== 0 && marker !== markerStart && !isRestart(marker)) return at;
  }
  return bytes.length;
}
