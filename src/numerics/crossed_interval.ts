import { studentQuantile } from './interval.ts';

/**
 * 95% interval of a mean over draws and images that are crossed, each image in each draw: what another choice of either
 * would leave open. Its half width is the root of the sum of two squares: the half widths of Student's intervals of the
 * draws' means and of the images' means, each with the quantile of its own degrees of freedom. With few draws it is
 * rather too wide than too narrow; two draws that agree by chance still have the width of their images.
 * @param draws two or more rows of one value for each of two or more images
 * @returns [low, high]; of no width where all values are equal
 * @throws RangeError for fewer draws or images
 */
export function crossedInterval(draws: readonly ArrayLike<number>[]): [number, number] {
  const images = draws[0]?.length ?? 0;
  if (draws.length < 2 || images < 2)
    throw new RangeError('an interval over draws and images needs two of each, or more');
  const ofDraws = draws.map((draw) => mean(Array.from(draw)));
  const ofImages = Array.from({ length: images }, (_, image) => mean(draws.map((draw) => draw[image]!)));
  const centre = mean(ofDraws);
  const square = [ofDraws, ofImages].reduce((sum, means) => {
    const { length } = means;
    const squares = means.reduce((own, value) => own + (value - centre) ** 2, 0);
    return sum + (studentQuantile(length - 1) ** 2 * squares) / (length - 1) / length;
  }, 0);
  return [centre - Math.sqrt(square), centre + Math.sqrt(square)];
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
