import { quote } from './quote.ts';

/** The JSON header of a safetensors file. @throws what `refuse` throws, where it is none */
export function parseHeader(bytes: Uint8Array, refuse: (reason: string) => never): object {
  if (bytes[0] !== 0x7b) return refuse("its header does not begin with '{'");
  let header: unknown;
  let problem: string | undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    problem = structureProblem(text);
    header = problem === undefined ? JSON.parse(text) : undefined;
  } catch {
    return refuse('its header is not JSON in UTF-8');
  }
  if (problem !== undefined) return refuse(problem);
  return isObject(header) ? header : refuse('its header is not an object');
}

/**
 * What JSON.parse would not say of a text, valid or not: that an object holds a key twice (it keeps the last), or
 * that brackets nest deeper than a header's three levels (each level of `[[[[…` costs it far more than a byte).
 */
function structureProblem(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{' || character === '[') {
      if (open.push(new Set()) > 3) return 'its header is nested too deeply';
    } else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const start = at;
      while (++at < json.length && json[at] !== '"') if (json[at] === '\\') at++;
      let next = at + 1;
      while (/\s/.test(json[next] ?? '')) next++;
      if (json[next] !== ':') continue;
      const key: string = JSON.parse(json.slice(start, at + 1));
      const keys = open.at(-1);
      if (keys?.has(key)) return `its header holds the key ${quote(key)} twice`;
      keys?.add(key);
    }
  }
  return undefined;
}

/** Whether a JSON value is an object, not an array. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
