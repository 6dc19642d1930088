/** A WGSL file as the build reflects it: its text, and for each entry point the bindings it uses (all in group 0). */
export interface Shader {
  /** The file's path below `shaders/`, without its ending. */
  readonly name: string;
  /** The whole WGSL text, libraries included. */
  readonly source: string;
  /** Bindings by entry point. */
  readonly entries: Readonly<Record<string, readonly Binding[]>>;
}

/** One `var<uniform>` or `var<storage>` of a shader. */
export interface Binding {
  /** The variable's name in the WGSL. */
  readonly name: string;
  /** Its number in group 0. */
  readonly binding: number;
  /** How the shader uses the buffer. */
  readonly type: 'uniform' | 'storage' | 'read-only-storage';
  /** Byte layout of a uniform struct, read from the WGSL. */
  readonly uniform?: { readonly size: number; readonly fields: readonly UniformField[] };
}

/** A field of a uniform struct: its WGSL name and type, and its offset in bytes. */
export interface UniformField {
  /** The field's name in the WGSL. */
  readonly name: string;
  /** Bytes from the start of the struct. */
  readonly offset: number;
  /** The field's WGSL type: `f32`, `i32` or `u32`. */
  readonly type: string;
}

/** What a kernel may store floats as. */
export type FloatType = 'f32' | 'f16';

/** Values for a shader's module-scope `const` declarations, and type names for its `alias` declarations. */
export type Constants = Readonly<Record<string, number | boolean | string>>;

/**
 * Gives module-scope constants and aliases other values: `const TILE = 8u;` becomes `const TILE = 12u;`,
 * `alias Element = vec4f;` becomes `alias Element = f32;`, and half types are enabled. The file therefore stays plain
 * WGSL that compiles alone with its defaults, and the result is again plain WGSL.
 * @throws RangeError where the shader declares no such name, or the value is no literal of the declared kind
 */
export function specialise(shader: Shader, constants: Constants): string {
  let source = shader.source;
  for (const [name, value] of Object.entries(constants)) {
    const kind = typeof value === 'string' ? 'alias' : 'const';
    const declaration = new RegExp(`^${kind} ${name} = ([^;]+);`, 'm');
    const found = declaration.exec(source)?.[1];
    if (found === undefined) throw new RangeError(`${shader.name}.wgsl declares no ${kind} ${name}`);
    const replaced = typeof value === 'string' ? value : literal(shader.name, name, found, value);
    source = source.replace(declaration, `${kind} ${name} = ${replaced};`);
  }
  return Object.values(constants).some((value) => value === 'f16' || value === 'vec4h')
    ? `enable f16;\n${source}`
    : source;
}

function literal(shader: string, name: string, old: string, value: number | boolean): string {
  if (typeof value === 'boolean') {
    if (old === 'true' || old === 'false') return String(value);
  } else if (old.endsWith('u') && Number.isInteger(value) && value >= 0) {
    return `${value}u`;
  } else if (old.endsWith('f') && Number.isFinite(value)) {
    return `${value}f`;
  }
  throw new RangeError(`${shader}.wgsl: constant ${name} = ${old} cannot become ${value}`);
}

/**
 * Encodes a uniform struct's fields by the layout that the WGSL itself declares.
 * @param values by the fields' WGSL names
 * @throws RangeError where the binding is no uniform, a field lacks a value, or a value has no field
 */
export function encodeUniform(binding: Binding, values: Readonly<Record<string, number>>): ArrayBuffer {
  const layout = binding.uniform;
  if (!layout) throw new RangeError(`${binding.name} is not a uniform`);
  const bytes = new ArrayBuffer(layout.size);
  const view = new DataView(bytes);
  const unknown = Object.keys(values).filter((name) => !layout.fields.some((field) => field.name === name));
  if (unknown.length > 0) throw new RangeError(`uniform ${binding.name} has no field ${unknown.join(', ')}`);
  for (const { name, offset, type } of layout.fields) {
    const value = values[name];
    if (value === undefined) throw new RangeError(`uniform ${binding.name} lacks a value for ${name}`);
    if (type === 'f32') view.setFloat32(offset, value, true);
    else if (type === 'i32') view.setInt32(offset, value, true);
    else view.setUint32(offset, value, true);
  }
  return bytes;
}
