/** Colours of classes, as the report has them; each is told from its neighbours by people who see few colours, too. */
const light = [
  '2b5bc7',
  'c78500',
  '59a777',
  '710158',
  'cf3842',
  '4d95ff',
  'a97fb6',
  '337507',
  '060080',
  '597878',
];
const dark = [
  '2eb6fd',
  'cfaa3e',
  '559d63',
  'b62c99',
  'f24f05',
  'dde0f2',
  'b194ac',
  'b3df00',
  '7566f6',
  '9ccbb1',
];

/** A class's colour as CSS writes it; beyond the tenth, classes share them. */
export const classColour = (index: number, isDark: boolean): string =>
  `#${(isDark ? dark : light)[index % light.length]}`;

/** Of images that have no class. */
export const noClass = (isDark: boolean): string => (isDark ? '#666d74' : '#a8adb2');

/** A colour `#rrggbb` as four bytes in memory order R, G, B, A. @param opacity 0 … 1 */
export function packed(colour: string, opacity = 1): number {
  const value = Number.parseInt(colour.slice(1), 16);
  const [red, green, blue] = [value >>> 16, (value >>> 8) & 255, value & 255];
  return ((Math.round(255 * opacity) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

const grounds = { light: [0xf2, 0xf3, 0xf1], dark: [0x1f, 0x24, 0x28] } as const;
const asShares = (colour: readonly number[]) =>
  colour.map((value) => value / 255) as unknown as readonly [number, number, number];
const [lightGround, darkGround] = [asShares(grounds.light), asShares(grounds.dark)];

/** What the map lies on: the page's panels. Red, green and blue, 0 … 1. */
export const mapGround = (isDark: boolean): readonly [number, number, number] =>
  isDark ? darkGround : lightGround;
