// Checks the house that the design draws: node test/layers.mjs
//
// Imports run one way, cli and web → app → label → classifier, pretext → encoder → nn, optim, data → ops → autograd →
// kernels → gpu, without a circle; formats and numerics stand below all of them; only src/gpu calls WebGPU; only
// src/platform knows where it runs; the engine's core needs no package.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const order = [
  ['cli', 'web'],
  ['index'],
  ['app'],
  ['label'],
  ['classifier', 'pretext'],
  ['encoder'],
  ['nn', 'optim', 'data'],
  ['ops'],
  ['autograd'],
  ['kernels'],
  ['gpu'],
  ['formats'],
  ['numerics'],
];
const rank = new Map(order.flatMap((layers, index) => layers.map((layer) => [layer, index])));
const core = ['nn', 'optim', 'ops', 'autograd', 'kernels', 'gpu', 'formats', 'numerics'];
const longestFile = 300;
const fullestFolder = 20;

/** Files that package.json exports. */
const entries = new Set(['src/index.ts', 'src/label.ts', 'src/internal.ts']);

/** src/gpu/device.ts → gpu; src/label.ts → index */
const layerOf = (path) => (entries.has(path) ? 'index' : path.split('/')[1]?.replace(/\.ts$/, ''));

/** Comments, string literals, template literals and regular expressions (after an operator), whichever starts first. */
const tokens =
  /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|\$\{[^}]*\}|[^`\\])*`|(?<=[=(,:[!&|?{};]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])*\//g;

const isComment = (token) => token.startsWith('//') || token.startsWith('/*');
const withoutComments = (text) => text.replace(tokens, (token) => (isComment(token) ? ' ' : token));

/** The code alone: of strings only what templates compute is left. */
const withoutStrings = (text) =>
  text.replace(tokens, (token) => (token[0] === '`' ? (token.match(/\$\{[^}]*\}/g) ?? []).join(' ') : "''"));

function importsOf(text) {
  const from = text.matchAll(/\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g);
  const bare = text.matchAll(/\bimport\s*\(?\s*['"]([^'"]+)['"]/g);
  return [...from, ...bare].map((match) => match[1]);
}

/** Files at the top of src that every layer may import, and that import nothing. */
const shared = new Set(['errors', 'random', 'setting']);

/** Where an import leads inside src, or undefined for a package, a Node module or a shader. */
function targetOf(path, name) {
  if (name === '#platform') return 'src/platform/node.ts';
  return name.startsWith('.') ? posix.join(posix.dirname(path), name) : undefined;
}

function checkImport(path, name) {
  const layer = layerOf(path);
  const target = targetOf(path, name);
  if (name.startsWith('#shaders/')) {
    return layer === 'kernels' || layer === 'gpu'
      ? []
      : [`imports a shader (${name}): only kernels and gpu do`];
  }
  if (target === undefined) return checkPackage(layer, name);
  const to = layerOf(target);
  if (shared.has(to)) return [];
  if (shared.has(layer)) return [`imports ${name}: ${layer}.ts stands below everything`];
  if (to === 'platform') {
    const isTerminal = layer === 'cli' && /^src\/platform\/node_(terminal|serve)\.ts$/.test(target);
    const isOpen =
      layer === 'platform' || name === '#platform' || target === 'src/platform/platform.ts' || isTerminal;
    return isOpen ? [] : [`imports ${name}: the platform is reached through #platform alone`];
  }
  if (layer === 'platform')
    return to === 'formats' ? [] : [`imports ${name}: platform imports only platform, formats and errors`];
  if (!rank.has(layer) || !rank.has(to))
    return [`imports ${name}: ${rank.has(layer) ? to : layer} is no layer`];
  if (layer === to || rank.get(layer) < rank.get(to)) return [];
  return [`imports ${name}: ${layer} may not import ${to}`];
}

function checkPackage(layer, name) {
  if (layer === 'platform') return [];
  if (name.startsWith('node:') || name === 'sharp' || name === 'webgpu')
    return [`imports ${name}: only platform may`];
  return core.includes(layer) || shared.has(layer)
    ? [`imports ${name}: the engine's core uses no package`]
    : [];
}

const globals = [
  {
    pattern: /(?<![.\w])(?:process|navigator|Buffer)\b\s*\??[.[]/,
    allowed: ['platform'],
    why: 'only platform knows where it runs',
  },
  {
    pattern: /(?<![.\w])GPU(?:[A-Z]\w*)?\b/,
    allowed: ['platform', 'gpu'],
    why: 'only gpu sees a WebGPU type',
  },
  {
    pattern: /\bdevice\.(?:create\w+|queue)\b|\bqueue\.(?:submit|write\w+|onSubmitted\w+)\b/,
    allowed: ['gpu'],
    why: 'only gpu calls WebGPU',
  },
];

function checkGlobals(path, code) {
  return globals.flatMap(({ pattern, allowed, why }) => {
    const found = allowed.includes(layerOf(path)) ? undefined : pattern.exec(code)?.[0];
    return found ? [`uses ${found}: ${why}`] : [];
  });
}

/** The literal text of strings, without what templates compute. */
const stringsOf = (text) =>
  [...text.matchAll(tokens)]
    .map(([token]) => token)
    .filter((token) => /^['"`]/.test(token))
    .map((token) => (token[0] === '`' ? token.replace(/\$\{[^}]*\}/g, ' ') : token));

/** A flag of the command line in a text for people; not a custom property of a style sheet. */
const flag = /(?<![\w-]|var\()--[a-z][a-z-]*(?![\w:-])/;

/** Below the command line a message names a setting, which every front end writes in its own way. */
function checkFlags(path, text) {
  if (layerOf(path) === 'cli') return [];
  const code = text.replace(/setProperty\('--[a-z]+'/g, 'setProperty(');
  const found = stringsOf(code).find((literal) => flag.test(literal));
  return found ? [`has a flag in ${found.slice(0, 80)}: name the setting (see src/errors.ts)`] : [];
}

/** Each circle of imports once, as the files along it. */
function findCircles(imports) {
  const circles = [];
  const done = new Set();
  const walk = (path, trail) => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path]);
    if (trail.includes(path) || done.has(path)) return;
    for (const next of imports.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) walk(path, []);
  return circles;
}

/** Folders, but for the root, with so many files of their own that names no longer tell them apart. */
function checkFolders(paths) {
  const counts = new Map();
  for (const folder of paths.map(posix.dirname)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  return [...counts]
    .filter(([folder, count]) => folder !== '.' && count > fullestFolder)
    .map(([folder, count]) => `${folder} has ${count} files: more than ${fullestFolder} go into sub-folders`);
}

/**
 * All violations among the given files.
 * @param {Map<string, string>} files paths relative to the project's root, with their text
 * @returns {string[]}
 */
export function checkLayers(files) {
  const violations = [];
  const imports = new Map();
  for (const [path, text] of files) {
    const lines = text.replace(/\n$/, '').split('\n').length;
    const found = lines > longestFile ? [`has ${lines} lines: the most is ${longestFile}`] : [];
    if (path.startsWith('src/')) {
      const code = withoutComments(text);
      const names = importsOf(code);
      imports.set(
        path,
        names.map((name) => targetOf(path, name)).filter((target) => files.has(target)),
      );
      found.push(
        ...names.flatMap((name) => checkImport(path, name)),
        ...checkGlobals(path, withoutStrings(code)),
        ...checkFlags(path, text),
      );
    }
    violations.push(...found.map((violation) => `${path} ${violation}`));
  }
  const circles = findCircles(imports).map((circle) => `circle: ${circle.join(' → ')}`);
  return [...violations, ...checkFolders([...files.keys()]), ...circles];
}

/** So many empty files of a folder. */
const emptyFiles = (folder, count) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}/${i}.ts`, '']));

/** Sources that must be refused, each for one rule: a check that finds nothing could be a check that sees nothing. */
const refused = [
  { 'src/gpu/a.ts': "import { b } from '../ops/b.ts';", 'src/ops/b.ts': '' },
  { 'src/nn/a.ts': "import type { B } from '../data/b.ts';", 'src/data/b.ts': '' },
  { 'src/ops/a.ts': "export * from '../index.ts';", 'src/index.ts': '' },
  { 'src/app/a.ts': "export * from '../label.ts';", 'src/label.ts': '' },
  { 'src/gpu/a.ts': "import { platform } from '../platform/node.ts';" },
  { 'src/platform/a.ts': "import '../gpu/b.ts';" },
  { 'src/extra/a.ts': "import '../gpu/b.ts';" },
  { 'src/data/a.ts': "import { readFileSync } from 'node:fs';" },
  { 'src/data/a.ts': "const sharp = await import('sharp');" },
  { 'src/ops/a.ts': "import * as v from 'valibot';" },
  { 'src/nn/a.ts': "import relu from '#shaders/relu.wgsl';" },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a source file
  { 'src/pretext/a.ts': 'const text = `${process.env.HOME}`;' },
  { 'src/web/a.ts': "const gpu = navigator['gpu'];" },
  { 'src/kernels/a.ts': 'export function make(device: GPUDevice) {}' },
  { 'src/ops/a.ts': 'engine.device.createBuffer({});' },
  { 'src/app/a.ts': "import { commandContext } from '../cli/b.ts';", 'src/cli/b.ts': '' },
  { 'src/web/a.ts': "import { aligned } from '../cli/b.ts';", 'src/cli/b.ts': '' },
  { 'src/app/a.ts': "throw new Error('lower --batch');" },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a source file
  { 'src/label/a.ts': 'const text = `${count} images: give --labels-per-class less`;' },
  {
    'src/gpu/a.ts': "import './b.ts';",
    'src/gpu/b.ts': "import './c.ts';",
    'src/gpu/c.ts': "import './a.ts';",
  },
  { 'shaders/a.wgsl': '\n'.repeat(longestFile + 1) },
  emptyFiles('src/nn', fullestFolder + 1),
  { ...emptyFiles('test/nn', fullestFolder + 1), ...emptyFiles('test/nn/resnet', 1) },
];

/** Sources that must pass. */
const accepted = {
  'src/cli/a.ts':
    "import { Command } from 'commander';\nconst help = 'as --tune 0';\nimport '../index.ts'; // process.exit is for src/platform",
  'src/index.ts': "export * from './pretext/a.ts';",
  'src/label.ts': "export * from './app/b.ts';",
  'src/pretext/a.ts':
    "import { platform } from '#platform';\nconst hint = 'run navigator.gpu'; import '../errors.ts';",
  'src/gpu/a.ts': 'const device: GPUDevice = open(); device.createBuffer({});',
  'src/platform/node.ts': "import { tmpdir } from 'node:os';\nimport '../errors.ts';\nprocess.exit();",
  'src/errors.ts': '',
  'src/label/report/b.ts':
    "// lower --batch\nconst css = '.a { --x:1; color: var(--muted) }'; style.setProperty('--x', x); count--;",
  ...emptyFiles('src/nn', fullestFolder),
  ...emptyFiles('src/nn/resnet', fullestFolder),
  ...emptyFiles('.', fullestFolder + 1),
};

function checkItself() {
  const passed = refused.filter((files) => checkLayers(new Map(Object.entries(files))).length !== 1);
  const stopped = checkLayers(new Map(Object.entries(accepted)));
  return [
    ...passed.map((files) => `the check itself fails on ${JSON.stringify(files).slice(0, 200)}`),
    ...stopped.map((violation) => `the check itself refuses what it should accept: ${violation}`),
  ];
}

function readProject() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const folders = {
    src: /\.(tsx?|css)$/,
    shaders: /\.wgsl$/,
    test: /\.(ts|mjs)$/,
    bench: /\.mjs$/,
    setup: /\.mjs$/,
    '.': /\.mjs$/,
  };
  const files = new Map();
  for (const [folder, pattern] of Object.entries(folders)) {
    if (!existsSync(join(root, folder))) continue;
    for (const name of readdirSync(join(root, folder), { recursive: folder !== '.' })) {
      const path = posix.join(folder, name.split(sep).join('/'));
      if (pattern.test(path) && !path.includes('node_modules/'))
        files.set(path, readFileSync(join(root, path), 'utf8'));
    }
  }
  return files;
}

const files = readProject();
const violations = [...checkItself(), ...checkLayers(files)];
for (const violation of violations) console.error(violation);
console.log(`layers: ${files.size} files, ${violations.length} violations`);
process.exitCode = violations.length === 0 && files.size > 0 ? 0 : 1;
