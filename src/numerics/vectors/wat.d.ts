/** A WebAssembly module, assembled when kindred is built. */
declare module '*.wat' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
