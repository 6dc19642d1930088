/**
 * The user's input is wrong: one clear sentence that says what, where and what to do about it.
 * The command line prints the message alone and exits with code 2.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** No WebGPU adapter was found; the message says what to install. */
export class NoAdapterError extends UserError {
  override readonly name = 'NoAdapterError';
}

/** Tensors that do not fit an operation: names the op, the shapes or dtypes it got and what it expects. */
export class ShapeError extends UserError {
  override readonly name = 'ShapeError';
}
