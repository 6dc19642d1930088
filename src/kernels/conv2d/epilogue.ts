/** What follows a convolution's sum in its kernel, in this order. */
export interface Epilogue {
  /** Adds a bias of each channel. */
  readonly bias: boolean;
  /** Adds a tensor of the result's shape. */
  readonly residual: boolean;
  /** Takes the ReLU. */
  readonly relu: boolean;
}

/** Nothing follows, as in training. */
export const noEpilogue: Epilogue = { bias: false, residual: false, relu: false };

/** Its fields of `params`. */
export const epilogueParams = ({ bias, residual, relu }: Epilogue): Record<string, number> => ({
  has_bias: Number(bias),
  has_residual: Number(residual),
  relu: Number(relu),
});
