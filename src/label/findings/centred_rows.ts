/** Rows of features less their mean, without a copy of them. */
export class CentredRows {
  readonly mean: Float64Array;
  readonly #features: Float32Array;
  readonly #columns: number;
  /** ⟨row, mean⟩ − ½‖mean‖², so that ⟨a − mean, b − mean⟩ = ⟨a, b⟩ − #along(a) − #along(b). */
  readonly #along: Float64Array;
  /** 1/‖row − mean‖, 0 for the mean itself. */
  readonly #inverseNorms: Float64Array;

  /** @param features N × columns, row-major, finite */
  constructor(features: Float32Array, columns: number) {
    const count = features.length / columns;
    const mean = new Float64Array(columns);
    for (let row = 0; row < count; row++) {
      for (let j = 0; j < columns; j++) mean[j]! += features[row * columns + j]!;
    }
    for (let j = 0; j < columns; j++) mean[j]! /= count;
    this.mean = mean;
    this.#features = features;
    this.#columns = columns;
    this.#along = new Float64Array(count);
    this.#inverseNorms = new Float64Array(count);
    for (let row = 0; row < count; row++) {
      let along = 0;
      let square = 0;
      for (let j = 0; j < columns; j++) {
        const value = features[row * columns + j]!;
        along += (value - mean[j]! / 2) * mean[j]!;
        square += (value - mean[j]!) ** 2;
      }
      this.#along[row] = along;
      this.#inverseNorms[row] = square > 0 ? 1 / Math.sqrt(square) : 0;
    }
  }

  /** Cosine similarity of two rows less the mean; 0 where one of them is the mean. */
  cosine(a: number, b: number): number {
    const features = this.#features;
    const columns = this.#columns;
    const [first, second] = [a * columns, b * columns];
    let even = 0;
    let odd = 0;
    let j = 0;
    // Two sums, as one would have to wait for itself at every step.
    for (; j + 1 < columns; j += 2) {
      even += features[first + j]! * features[second + j]!;
      odd += features[first + j + 1]! * features[second + j + 1]!;
    }
    if (j < columns) even += features[first + j]! * features[second + j]!;
    const product = even + odd - this.#along[a]! - this.#along[b]!;
    return product * this.#inverseNorms[a]! * this.#inverseNorms[b]!;
  }
}
