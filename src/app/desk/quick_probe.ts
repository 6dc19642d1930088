import { inverseRowNorms, pickRows, requireFinite } from '../../numerics/feature_rows.ts';
import { allRows, innerProducts } from '../../numerics/linear_algebra.ts';
import { usualStrength } from '../../numerics/probe/strength.ts';
import { CurvatureModel, type Preconditioner } from '../../numerics/softmax/preconditioner.ts';
import { fitSoftmax, fittedHead } from '../../numerics/softmax/regression.ts';
import { standardise, standardisedRows } from '../../numerics/standardisation.ts';

/** On the gradient's largest entry: `fitProbe`'s own. */
const tolerance = 1e-7;
/** The solver's model of the loss serves until there are so many times the labels that it was made of. */
const mostGrowth = 1.25;

/** What the next fit begins with. */
interface Earlier {
  /** The classes that had a label, and how many labels there were when `solve` was made. */
  readonly present: readonly number[];
  readonly labels: number;
  readonly solve: Preconditioner;
  readonly parameters: Float64Array;
}

/**
 * A probe at the usual strength on features of unit length, as `fitProbe` fits it, kept up to date as labels come one by
 * one: where the classes are the same each fit starts from the last one, and the solver's model, which takes longer to
 * make than the fit, is that of a few labels ago. Both shape the way to the minimum and not the minimum.
 */
export class QuickProbe {
  /** Images × `columns`, row-major; zeros for images that cannot be read. */
  readonly features: Float32Array;
  readonly #columns: number;
  readonly #inverseNorms: Float64Array;
  #earlier: Earlier | undefined;

  /** @throws UserError for features that are not finite */
  constructor(features: Float32Array, columns: number) {
    requireFinite(features, columns);
    this.features = features;
    this.#columns = columns;
    this.#inverseNorms = inverseRowNorms(features, columns);
  }

  /**
   * @param given by image: number of its class, below 0 where it has none
   * @returns probabilities of all images, images × `classes`; undefined where fewer than two classes have a label
   */
  probabilities(given: Int32Array, classes: number): Float32Array | undefined {
    const labelled = Int32Array.from(given.keys()).filter((image) => given[image]! >= 0);
    const present = [...new Set(labelled.map((image) => given[image]!))].sort((a, b) => a - b);
    if (present.length < 2) return undefined;
    const columns = this.#columns;
    const rows = allRows(labelled.length);
    const unit = pickRows(this.features, columns, labelled);
    for (let i = 0; i < unit.length; i++) unit[i]! *= this.#inverseNorms[labelled[Math.floor(i / columns)]!]!;
    const standardisation = standardise(unit, columns, rows, 'common');
    const strength = usualStrength(present.length);
    const earlier = this.#earlierOf(present);
    const isFresh = earlier !== undefined && rows.length <= mostGrowth * earlier.labels;
    const solve = isFresh
      ? earlier.solve
      : new CurvatureModel(standardisedRows(unit, columns, rows, standardisation), columns).preconditioner(
          1 / present.length,
          strength,
        );
    const place = new Map(present.map((label, at) => [label, at]));
    const labels = labelled.map((image) => place.get(given[image]!)!);
    const { parameters } = fitSoftmax(
      { features: unit, rows, labels, classes: present.length, standardisation, strength },
      solve,
      earlier?.parameters ?? new Float64Array(present.length * (columns + 1)),
      tolerance,
    );
    this.#earlier = { present, labels: isFresh ? earlier.labels : rows.length, solve, parameters };
    return this.#predict(fittedHead(parameters, present.length, standardisation), present, classes);
  }

  #earlierOf(present: readonly number[]): Earlier | undefined {
    const earlier = this.#earlier;
    const isSame =
      earlier?.present.length === present.length &&
      present.every((label, at) => label === earlier.present[at]);
    return isSame ? earlier : undefined;
  }

  #predict(
    { weight, bias }: ReturnType<typeof fittedHead>,
    present: readonly number[],
    classes: number,
  ): Float32Array {
    const images = this.#inverseNorms.length;
    const known = present.length;
    const logits = new Float64Array(images * known);
    innerProducts(this.features, allRows(images), weight, this.#columns, logits);
    const probabilities = new Float32Array(images * classes);
    for (let image = 0; image < images; image++) {
      const at = image * known;
      let largest = -Infinity;
      for (let c = 0; c < known; c++) {
        logits[at + c] = logits[at + c]! * this.#inverseNorms[image]! + bias[c]!;
        largest = Math.max(largest, logits[at + c]!);
      }
      let sum = 0;
      for (let c = 0; c < known; c++) sum += logits[at + c] = Math.exp(logits[at + c]! - largest);
      for (let c = 0; c < known; c++) probabilities[image * classes + present[c]!] = logits[at + c]! / sum;
    }
    return probabilities;
  }
}
