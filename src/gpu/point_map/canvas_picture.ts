/** Rows of a copy from a texture begin at multiples of this. */
const rowAlignment = 256;
const format = 'rgba8unorm';

/** A texture that is drawn on and read back, of whatever size is asked for. */
export class CanvasPicture {
  readonly #device: GPUDevice;
  #texture: GPUTexture | undefined;
  #read: GPUBuffer | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** What it is drawn as. */
  static readonly format = format;

  /** Draws by `record` and reads the pixels: width·height·4 bytes RGBA, row by row. */
  async draw(
    width: number,
    height: number,
    record: (encoder: GPUCommandEncoder, view: GPUTextureView) => void,
  ): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const rowBytes = rowAlignment * Math.ceil((4 * width) / rowAlignment);
    const { texture, read } = this.#sized(width, height, rowBytes);
    const encoder = this.#device.createCommandEncoder();
    record(encoder, texture.createView());
    encoder.copyTextureToBuffer({ texture }, { buffer: read, bytesPerRow: rowBytes }, [width, height]);
    this.#device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    const rows = new Uint8Array(read.getMappedRange());
    const pixels = new Uint8ClampedArray(4 * width * height);
    for (let y = 0; y < height; y++)
      pixels.set(rows.subarray(y * rowBytes, y * rowBytes + 4 * width), 4 * y * width);
    read.unmap();
    return pixels;
  }

  #sized(width: number, height: number, rowBytes: number): { texture: GPUTexture; read: GPUBuffer } {
    if (this.#texture?.width !== width || this.#texture.height !== height) {
      this.#texture?.destroy();
      this.#read?.destroy();
      const { RENDER_ATTACHMENT, COPY_SRC } = GPUTextureUsage;
      this.#texture = this.#device.createTexture({
        size: [width, height],
        format,
        usage: RENDER_ATTACHMENT | COPY_SRC,
      });
      const { MAP_READ, COPY_DST } = GPUBufferUsage;
      this.#read = this.#device.createBuffer({ size: rowBytes * height, usage: MAP_READ | COPY_DST });
    }
    return { texture: this.#texture!, read: this.#read! };
  }
}
