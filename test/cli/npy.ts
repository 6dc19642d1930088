/** A matrix of 32-bit floats as NumPy writes it: 10 bytes, then the header, filled up to 128 bytes in all. */
export function npy(rows: readonly (readonly number[])[]): Uint8Array {
  const columns = rows[0]!.length;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows.length}, ${columns}), }`;
  const text = `${header.padEnd(127 - 10)}\n`;
  const start = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, text.length, 0];
  const values = Float32Array.from(rows.flat());
  return Uint8Array.from([...start, ...new TextEncoder().encode(text), ...new Uint8Array(values.buffer)]);
}
