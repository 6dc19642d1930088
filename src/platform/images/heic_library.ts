/// <reference path="./libheif_bundle.d.ts" />

/**
 * Loads libheif, two megabytes of WebAssembly, which only HEIC images need.
 * @returns what makes a decoder; its functions are those of `Libheif` in `src/formats/images/heic/libheif.ts`
 * @throws Error with a short reason where the optional package is not installed
 */
export async function loadHeicLibrary<Library>(): Promise<() => Library> {
  const { default: create } = await import('libheif-js/libheif-wasm/libheif-bundle.mjs').catch(() => {
    throw new Error('HEIC, which the optional package libheif-js reads: install it');
  });
  return () => create() as Library;
}
