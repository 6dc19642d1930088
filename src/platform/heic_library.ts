import { UserError } from '../errors.ts';

/**
 * Loads libheif, two megabytes of WebAssembly, which only HEIC images need.
 * @returns what makes a decoder; its functions are those of `Libheif` in `src/formats/images/heic/libheif.ts`
 * @throws UserError where the optional package is not installed
 */
export async function loadHeicLibrary<Library>(): Promise<() => Library> {
  const { default: create } = await import('libheif-js/libheif-wasm/libheif-bundle.mjs').catch(() => {
    throw new UserError(
      'HEIC images are read by the package libheif-js, which is not installed here: install it',
    );
  });
  return () => create() as Library;
}
