/**
 * Writes out loops with constant trip counts and turns their small arrays into single variables. Plain WGSL in, plain
 * WGSL out, with the same meaning. Drivers differ in whether they do this themselves: SwiftShader keeps a function's
 * arrays in memory, which made a register-tiled product three to four times slower than the same tile in variables.
 *
 * A loop is written out where it reads `for (var i = 0u; i < BOUND; i++) {`, BOUND is an expression of literals and
 * module constants, and no `break` or `continue` stands in it, which would then end the loop around it. An array
 * `var acc: array<T, SIZE>;` of a function, or `var<private> acc: …` that is declared before its uses, becomes SIZE
 * variables where every index into it is then such an expression too; otherwise it stays an array. And
 * `subgroupShuffle` from a lane that is such an expression becomes `subgroupBroadcast`, which WGSL allows from constant
 * lanes only: SwiftShader shuffles one lane at a time.
 */
export function unroll(source: string): string {
  const constants = moduleConstants(source);
  return broadcast(scalarise(writeOutLoops(source, constants), constants), constants);
}

type Values = ReadonlyMap<string, number>;

/** Beyond this a loop is left to the driver: code size costs compile time. */
const longestLoop = 32;

function moduleConstants(source: string): Values {
  const constants = new Map<string, number>();
  for (const [, name, expression] of source.matchAll(/^const (\w+)(?:: u32)? = ([^;]+);/gm)) {
    const value = evaluate(expression!, constants);
    if (value !== undefined) constants.set(name!, value);
  }
  return constants;
}

function writeOutLoops(source: string, constants: Values): string {
  const header = /for \(var (\w+) = 0u; \1 < ([^;]+); \1\+\+\) \{/g;
  let result = '';
  let at = 0;
  for (let match = header.exec(source); match; match = header.exec(source)) {
    const count = evaluate(match[2]!, constants);
    if (count === undefined || count > longestLoop) continue;
    const start = match.index + match[0].length;
    const end = closingBrace(source, start);
    const body = source.slice(start, end);
    if (/\b(?:break|continue)\b/.test(body)) continue;
    const variable = new RegExp(`\\b${match[1]}\\b`, 'g');
    const copies = Array.from({ length: count }, (_, i) => `{${body.replace(variable, `${i}u`)}}`);
    result += source.slice(at, match.index) + writeOutLoops(copies.join('\n'), constants);
    at = header.lastIndex = end + 1;
  }
  return result + source.slice(at);
}

function closingBrace(source: string, start: number): number {
  let depth = 1;
  for (let i = start; i < source.length; i++) {
    if (source[i] === '{') depth++;
    else if (source[i] === '}' && (depth -= 1) === 0) return i;
  }
  throw new Error('unbalanced braces in WGSL');
}

function scalarise(source: string, constants: Values): string {
  const declaration = /^( +var|var<private>) (\w+): array<(\w+), ([^>]+)>;/m;
  let done = '';
  let rest = source;
  for (let match = declaration.exec(rest); match; match = declaration.exec(rest)) {
    const [text, variable, name, type, size] = match;
    const from = match.index + text.length;
    const scope = rest.slice(from, variable!.startsWith(' ') ? closingBrace(rest, from) : undefined);
    const count = evaluate(size!, constants);
    const replaced = count === undefined ? undefined : replaceIndices(scope, name!, count, constants);
    done += rest.slice(0, match.index);
    if (replaced === undefined) {
      done += text;
      rest = rest.slice(from);
    } else {
      done += Array.from({ length: count! }, (_, i) => `${variable} ${name}_${i}: ${type};`).join('\n');
      rest = replaced + rest.slice(from + scope.length);
    }
  }
  return done + rest;
}

/** `name[3u]` becomes `name_3`; undefined where some use of the array is anything else. */
function replaceIndices(scope: string, name: string, count: number, constants: Values): string | undefined {
  let fixed = true;
  const uses = new RegExp(`\\b${name}\\b(?:\\[([^\\]]+)\\])?`, 'g');
  const replaced = scope.replace(uses, (use, index: string | undefined) => {
    const value = index === undefined ? undefined : evaluate(index, constants);
    if (value === undefined || value >= count) {
      fixed = false;
      return use;
    }
    return `${name}_${value}`;
  });
  return fixed ? replaced : undefined;
}

function broadcast(source: string, constants: Values): string {
  const call = /\bsubgroupShuffle\(([^,()]+), ((?:[^()]|\([^()]*\))+)\)/g;
  return source.replace(call, (text, value: string, lane: string) => {
    const constant = evaluate(lane, constants);
    return constant === undefined ? text : `subgroupBroadcast(${value}, ${constant}u)`;
  });
}

/** The value of an expression of unsigned literals, known constants, + - * / % and parentheses. */
function evaluate(expression: string, constants: Values): number | undefined {
  const tokens = expression.match(/\d+u?\b|\w+|\S/g) ?? [];
  let at = 0;
  const take = (): string => tokens[at++] ?? '';
  const primary = (): number => {
    const token = take();
    if (token === '(') {
      const inner = sum();
      return take() === ')' ? inner : Number.NaN;
    }
    if (/^\d+u?$/.test(token)) return Number.parseInt(token, 10);
    return constants.get(token) ?? Number.NaN;
  };
  const product = (): number => {
    let value = primary();
    while (tokens[at] === '*' || tokens[at] === '/' || tokens[at] === '%') {
      const operator = take();
      const right = primary();
      value = operator === '*' ? value * right : operator === '/' ? Math.floor(value / right) : value % right;
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-') value += take() === '+' ? product() : -product();
    return value;
  };
  const result = sum();
  return at === tokens.length && Number.isInteger(result) && result >= 0 ? result : undefined;
}
