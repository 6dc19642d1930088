import shader from '#shaders/point_map.wgsl';
import type { GpuAccess } from '../../platform/platform.ts';
import { atlasOf, type MapPictures } from './atlas.ts';
import { CanvasPicture } from './canvas_picture.ts';
import { type MapView, nearestPoint, stretch } from './view.ts';

export type { MapPictures } from './atlas.ts';
export type { MapView } from './view.ts';

const viewBytes = 48;
/** The share of a picture's side that its frame takes, on each side. */
const frame = 0.12;

type Buffers = Record<'earlier' | 'points' | 'colours' | 'pictures', GPUBuffer>;

/**
 * Draws a map of points, each a disc of its colour or a small picture in a frame of it, by a device of its own; ten
 * thousand take a single call. The pixels are read back, for whatever shows them: with a software adapter and no display,
 * Chromium 156 ends a canvas that is drawn by WebGPU with the loss of the device, and of every other one.
 */
export class PointMap {
  /** Settles when the device is gone, with the reason; undefined where `destroy` was called. */
  readonly lost: Promise<string | undefined>;
  readonly #device: GPUDevice;
  readonly #pipeline: GPURenderPipeline;
  readonly #layout: GPUBindGroupLayout;
  readonly #access: GpuAccess;
  readonly #picture: CanvasPicture;
  readonly #view: GPUBuffer;
  readonly #sampler: GPUSampler;
  #buffers: Buffers | undefined;
  #atlas: GPUTexture;
  #columns = 1;
  #bindings: GPUBindGroup | undefined;
  #points = new Float32Array();

  private constructor(
    device: GPUDevice,
    pipeline: GPURenderPipeline,
    layout: GPUBindGroupLayout,
    access: GpuAccess,
  ) {
    this.#device = device;
    this.#pipeline = pipeline;
    this.#layout = layout;
    this.#access = access;
    this.#picture = new CanvasPicture(device);
    const { UNIFORM, COPY_DST } = GPUBufferUsage;
    this.#view = device.createBuffer({ size: viewBytes, usage: UNIFORM | COPY_DST });
    this.#sampler = device.createSampler({ magFilter: 'linear', minFilter: 'linear' });
    this.#atlas = this.#texture(1);
    this.lost = device.lost.then(({ reason, message }) => (reason === 'destroyed' ? undefined : message));
  }

  /** @throws NoAdapterError where there is no adapter */
  static async create(access: GpuAccess): Promise<PointMap> {
    const adapter = await access.requestAdapter();
    const device = await adapter.requestDevice();
    const { VERTEX, FRAGMENT } = GPUShaderStage;
    const storage = { buffer: { type: 'read-only-storage' } } as const;
    const layout = device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility: VERTEX | FRAGMENT, buffer: { type: 'uniform' } },
        { binding: 1, visibility: VERTEX, ...storage },
        { binding: 2, visibility: VERTEX, ...storage },
        { binding: 3, visibility: FRAGMENT, ...storage },
        { binding: 4, visibility: VERTEX | FRAGMENT, ...storage },
        { binding: 5, visibility: FRAGMENT, texture: {} },
        { binding: 6, visibility: FRAGMENT, sampler: {} },
      ],
    });
    const module = device.createShaderModule({ label: shader.name, code: shader.source });
    // Premultiplied colours over what lies below.
    const over = { srcFactor: 'one', dstFactor: 'one-minus-src-alpha' } as const;
    const target = { format: CanvasPicture.format, blend: { color: over, alpha: over } } as const;
    const pipeline = await access.wait(
      device.createRenderPipelineAsync({
        label: shader.name,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        vertex: { module, entryPoint: 'corner' },
        fragment: { module, entryPoint: 'shade', targets: [target] },
        primitive: { topology: 'triangle-list' },
      }),
    );
    return new PointMap(device, pipeline, layout, access);
  }

  /**
   * Replaces the points; they set out from where the earlier ones were, where there were as many.
   * @param points x and y of each, usually −1 … 1
   * @param colours four bytes each: red in the lowest, then green, blue and opacity
   * @throws RangeError unless there is one colour for each point
   */
  setPoints(points: Float32Array, colours: Uint32Array): void {
    const count = points.length / 2;
    const earlier = this.#points.length === points.length ? this.#points : points;
    if (!this.#buffers || this.#points.length !== points.length) {
      for (const buffer of Object.values(this.#buffers ?? {})) buffer.destroy();
      this.#buffers = {
        earlier: this.#buffer(8 * count),
        points: this.#buffer(8 * count),
        colours: this.#buffer(4 * count),
        pictures: this.#buffer(4 * count),
      };
      this.#bindings = undefined;
      this.#write('pictures', new Int32Array(count).fill(-1));
    }
    this.#write('earlier', earlier);
    this.#points = points.slice();
    this.#write('points', points);
    this.setColours(colours);
  }

  /** Other colours for the same points, as `setPoints` has them. @throws RangeError unless there is one for each */
  setColours(colours: Uint32Array): void {
    const count = this.#points.length / 2;
    if (colours.length !== count)
      throw new RangeError(`${colours.length} colours for ${count} points: give one each`);
    this.#write('colours', colours);
  }

  /** Gives some points pictures, and takes them from all others. */
  setPictures(pictures: MapPictures): void {
    const tiles = new Int32Array(this.#points.length / 2).fill(-1);
    pictures.points.forEach((point, tile) => {
      tiles[point] = tile;
    });
    this.#write('pictures', tiles);
    const { sheet, side, columns } = atlasOf(pictures);
    this.#columns = columns;
    this.#atlas.destroy();
    this.#atlas = this.#texture(side);
    this.#bindings = undefined;
    this.#device.queue.writeTexture({ texture: this.#atlas }, sheet, { bytesPerRow: 4 * side }, [side, side]);
  }

  /** Draws the map: width·height·4 bytes RGBA, opaque, row by row. One at a time: wait for it before the next. */
  draw(view: MapView): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const { width, height, x, y, disc, picture, ground, progress = 1 } = view;
    const [across, up] = stretch(view);
    const values = new Float32Array(viewBytes / 4);
    values.set([across, up, -x * across, -y * up]);
    values.set([disc / width, disc / height, picture / width, picture / height, progress], 4);
    new Uint32Array(values.buffer)[9] = this.#columns;
    values[10] = frame;
    // A pixel and a half, whatever the size.
    values[11] = Math.min(1, 3 / disc);
    this.#device.queue.writeBuffer(this.#view, 0, values);
    const drawn = this.#picture.draw(width, height, (encoder, target) => {
      const clearValue = [...ground, 1];
      const pass = encoder.beginRenderPass({
        colorAttachments: [{ view: target, loadOp: 'clear', storeOp: 'store', clearValue }],
      });
      const count = this.#points.length / 2;
      if (count > 0) {
        pass.setPipeline(this.#pipeline);
        pass.setBindGroup(0, this.#bound());
        pass.draw(3 * count);
      }
      pass.end();
    });
    return this.#access.wait(drawn);
  }

  /**
   * The point nearest to a place on the picture; −1 where there is none within `reach`.
   * @param across pixels from its left edge
   * @param down pixels from its top
   * @param reach in pixels
   */
  nearest(view: MapView, across: number, down: number, reach: number): number {
    return nearestPoint(this.#points, view, across, down, reach);
  }

  /** Gives the device back. */
  destroy(): void {
    this.#device.destroy();
  }

  #bound(): GPUBindGroup {
    const { earlier, points, colours, pictures } = this.#buffers!;
    const buffers = [this.#view, earlier, points, colours, pictures];
    this.#bindings ??= this.#device.createBindGroup({
      layout: this.#layout,
      entries: [
        ...buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
        { binding: 5, resource: this.#atlas.createView() },
        { binding: 6, resource: this.#sampler },
      ],
    });
    return this.#bindings;
  }

  #texture(side: number): GPUTexture {
    const usage = GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST;
    return this.#device.createTexture({ size: [side, side], format: 'rgba8unorm', usage });
  }

  #buffer(bytes: number): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    return this.#device.createBuffer({ size: Math.max(8, bytes), usage });
  }

  #write(name: keyof Buffers, values: Float32Array | Uint32Array | Int32Array): void {
    if (this.#buffers)
      this.#device.queue.writeBuffer(this.#buffers[name], 0, values as Float32Array<ArrayBuffer>);
  }
}
