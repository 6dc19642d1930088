declare module 'libheif-js/libheif-wasm/libheif-bundle.mjs' {
  /** Makes a decoder, with memory of its own. */
  export default function create(): unknown;
}
