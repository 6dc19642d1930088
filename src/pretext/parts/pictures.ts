import type { Compiled, Engine } from '../../autograd/engine.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import { contactSheet, type Picture } from '../../data/contact_sheet.ts';
import { viewBytes } from '../../data/view_pairs.ts';
import { ImageBank } from '../../encoder/image_bank.ts';
import { type Normalisation, perChannel, pixelScale } from '../../ops/augment.ts';
import type { PretextModel } from '../method.ts';
import type { PretrainData } from '../options.ts';

/** Images on a sheet: as many as come to about a thousand pixels, within these bounds. */
const [fewest, most, sheetWidth] = [3, 8, 1024];

/** Draws what a method's model makes of the same few images, by the same random choices, epoch after epoch. */
export class PictureDrawer {
  readonly #program: Compiled<Record<string, Tensor>>;
  readonly #bank: ImageBank;
  readonly #release: () => void;
  readonly #size: number;
  readonly #normalise: Normalisation;

  private constructor(
    program: Compiled<Record<string, Tensor>>,
    bank: ImageBank,
    { size, normalise }: { readonly size: number; readonly normalise: Normalisation },
    release: () => void,
  ) {
    this.#program = program;
    this.#bank = bank;
    this.#size = size;
    this.#normalise = normalise;
    this.#release = release;
  }

  /** Compiles the model's pictures in evaluation mode; nothing for a model that has none. */
  static async create(
    engine: Engine,
    data: PretrainData,
    model: PretextModel,
    options: {
      readonly imageSize: number;
      readonly normalise?: Normalisation | undefined;
      readonly seed: number;
    },
  ): Promise<PictureDrawer | undefined> {
    const { pictures } = model;
    if (!pictures) return undefined;
    const { imageSize: size, normalise = pixelScale, seed } = options;
    const fitting = Math.floor(sheetWidth / size);
    const count = Math.min(data.images.length, Math.max(fewest, Math.min(most, fitting)));
    const bank = new ImageBank(engine, data.pixels, data.size, count);
    const counter = engine.input([2], 'u32', Uint32Array.of(seed, 0));
    const { images, indices, numbers } = bank;
    const record = () =>
      Object.fromEntries(pictures({ images, indices, numbers, counter }).map((row, i) => [`row${i}`, row]));
    const program = await engine.compile(record, { training: false });
    bank.select(
      Array.from({ length: count }, (_, i) => data.images[Math.floor((i * data.images.length) / count)]!),
    );
    return new PictureDrawer(program, bank, { size, normalise }, () => {
      program.destroy();
      bank.destroy();
      engine.free(counter);
    });
  }

  /** A row of pixels for each of the method's pictures, an image a column. */
  async draw(): Promise<Picture> {
    this.#program.run();
    const rows = await this.#program.read();
    const count = this.#bank.indices.size;
    const sheet = Object.values(rows).map((row) => {
      const values = inPixelScale(row, this.#normalise);
      return [Array.from({ length: count }, (_, i) => viewBytes(values, i, this.#size))];
    });
    return contactSheet(sheet, this.#size);
  }

  /** Gives the memory back. */
  destroy(): void {
    this.#release();
  }
}

/** Pixels [N, S, S, 4] as `viewBytes` takes them. */
function inPixelScale(pixels: ArrayLike<number>, normalise: Normalisation): Float32Array {
  const [means, deviations] = [perChannel(normalise.mean), perChannel(normalise.std)];
  const [mean] = perChannel(pixelScale.mean);
  const [std] = perChannel(pixelScale.std);
  return Float32Array.from(pixels, (value, i) => {
    const c = i % 4;
    return c === 3 ? 0 : (deviations[c]! * value + means[c]! - mean) / std;
  });
}
