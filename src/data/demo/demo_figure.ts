import type { Random } from '../../random.ts';
import type { Shape } from './demo_shapes.ts';
import type { Texture } from './demo_textures.ts';

/** What all images of a class have in common; everything else about a figure is drawn anew for each image. */
export interface Kind {
  /** The class's name: `dotted triangle`. */
  readonly name: string;
  /** The figure's outline. */
  readonly shape: Shape;
  /** What fills the figure. */
  readonly texture: Texture;
  /** The texture's period, in half widths of the figure. */
  readonly period: number;
}

/**
 * What says nothing about a figure's class: each is drawn for every image anew, uniformly between two bounds. Lengths
 * are in half widths of the image, angles in radians, brightness and noise in shares of white.
 *
 * A network that knows nothing else has to learn from the labels to look past all of them. The pretext task's changes of
 * colour, light, size and place, and the base encoder's, are about the same.
 */
export const nuisances = {
  /** Brightness of the darker of background and ink. */
  dark: [0.1, 0.35],
  /** By how much the other is brighter; which of them is the ink is a matter of chance. */
  contrast: [0.3, 0.55],
  saturation: [0, 0.5],
  /** How near the space between a texture's lines comes to the background's colour; 1 is there. */
  paper: [0.8, 1],
  radius: [0.6, 0.85],
  /** Of the centre, along each axis. */
  shift: [-0.2, 0.2],
  turn: [-0.25, 0.25],
  /** Of the texture, beyond the figure's. */
  textureTurn: [-0.3, 0.3],
  /** Of the texture's period, as a factor. */
  period: [0.85, 1.2],
  /** Change of the background's brightness from the middle to an edge. */
  gradient: [-0.12, 0.12],
  /** Change of the light on everything from the middle to an edge, as a share. */
  light: [-0.2, 0.2],
  /** Standard deviation of the grain. */
  noise: [0, 0.04],
  /** Width of an edge, in pixels. */
  blur: [0.5, 1.2],
  /** Spots on the background. */
  blots: [0, 2],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

type Colour = readonly [number, number, number];

const between = (random: Random, [low, high]: readonly [number, number]): number =>
  low + (high - low) * random.next();
const around = (random: Random, most: number): number => between(random, [-most, most]);

/** A nuisance of one image, within its bounds. */
export const drawNuisance = (random: Random, name: keyof typeof nuisances): number =>
  between(random, nuisances[name]);

/** Blots on the background, of a slightly other tone. */
interface Blot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly tone: number;
}

/**
 * Draws one figure: its place, size, turn, colours, light, background, blur and grain come from `random`, independent
 * of the class, so that neither colour nor brightness tells classes apart. Coordinates run from −1 to 1 over the image.
 * @param pixels takes size·size·3 bytes from `offset` on: RGB, row by row
 */
export function drawFigure(
  pixels: Uint8Array,
  offset: number,
  size: number,
  kind: Kind,
  random: Random,
): void {
  const draw = (name: keyof typeof nuisances) => drawNuisance(random, name);
  const dark = draw('dark');
  const light = dark + draw('contrast');
  const inverted = random.next() < 0.5;
  const background = drawColour(random, inverted ? light : dark);
  const ink = drawColour(random, inverted ? dark : light);
  const paperShare = draw('paper');
  const paper = ink.map((value, k) => value + paperShare * (background[k]! - value));
  const radius = draw('radius');
  const [centreX, centreY] = [draw('shift'), draw('shift')];
  const turn = draw('turn');
  const textureTurn = draw('textureTurn');
  const thickness = random.next();
  const period = kind.period * draw('period');
  const [shiftU, shiftV] = [random.next(), random.next()];
  const [gradientX, gradientY] = [draw('gradient'), draw('gradient')];
  const [lightX, lightY] = [draw('light'), draw('light')];
  const noise = draw('noise');
  const blur = draw('blur');
  const [fewestBlots, mostBlots] = nuisances.blots;
  const blots = Array.from({ length: fewestBlots + random.integer(mostBlots - fewestBlots + 1) }, () =>
    drawBlot(random),
  );

  // Small images are sampled several times a pixel: edges alone are smoothed, fine textures would alias.
  const samples = Math.max(1, Math.ceil(32 / size));
  const step = 2 / size / samples;
  const edge = (2 * blur) / size;
  const [cos, sin] = [Math.cos(turn) / radius, Math.sin(turn) / radius];
  const [textureCos, textureSin] = [Math.cos(textureTurn) / period, Math.sin(textureTurn) / period];
  let at = offset;
  for (let pixel = 0; pixel < size * size; pixel++) {
    const sum = [0, 0, 0];
    for (let s = 0; s < samples * samples; s++) {
      const x = -1 + ((pixel % size) * samples + (s % samples) + 0.5) * step;
      const y = -1 + (Math.floor(pixel / size) * samples + Math.floor(s / samples) + 0.5) * step;
      const u = (x - centreX) * cos + (y - centreY) * sin;
      const v = (y - centreY) * cos - (x - centreX) * sin;
      const inside = coverage(kind.shape(u, v, thickness), edge / radius);
      const texture =
        inside > 0
          ? kind.texture(u * textureCos + v * textureSin + shiftU, v * textureCos - u * textureSin + shiftV)
          : 0;
      const onInk = inside * (inside > 0 ? coverage(texture, edge / radius / period) : 0);
      let tone = gradientX * x + gradientY * y;
      for (const blot of blots)
        tone += blot.tone * coverage(Math.hypot(x - blot.x, y - blot.y) - blot.radius, edge);
      const shade = 1 + lightX * x + lightY * y;
      for (let k = 0; k < 3; k++) {
        sum[k]! +=
          shade * ((1 - inside) * (background[k]! + tone) + onInk * ink[k]! + (inside - onInk) * paper[k]!);
      }
    }
    // The difference of two uniform numbers, scaled to a standard deviation of `noise`; the same for all channels.
    const word = random.word();
    const grain = ((word & 0xffff) - (word >>> 16)) * (Math.sqrt(6) / 65536) * noise;
    for (const value of sum)
      pixels[at++] = Math.round(255 * Math.min(1, Math.max(0, value / samples ** 2 + grain)));
  }
}

/** A colour of the given brightness and any hue. */
function drawColour(random: Random, brightness: number): Colour {
  const hue = 2 * Math.PI * random.next();
  const saturation = drawNuisance(random, 'saturation');
  const channel = (k: number) => brightness * (1 + saturation * Math.cos(hue - (2 * Math.PI * k) / 3));
  return [channel(0), channel(1), channel(2)];
}

function drawBlot(random: Random): Blot {
  const [x, y] = [around(random, 1), around(random, 1)];
  return { x, y, radius: between(random, [0.06, 0.16]), tone: around(random, 0.15) };
}

/** How much of a soft edge of the given width lies on the inner (negative) side: from 1 to 0, smoothly. */
function coverage(distance: number, width: number): number {
  const t = Math.min(1, Math.max(0, 0.5 - distance / width));
  return t * t * (3 - 2 * t);
}
