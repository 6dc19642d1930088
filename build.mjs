// Builds dist/: the library, the command line, the page and the tests. WGSL is reflected here, at build time, so that
// the page's bundle carries the tables and not the reflector.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { WgslReflect } from './node_modules/wgsl_reflect/wgsl_reflect.module.js';

const root = dirname(fileURLToPath(import.meta.url));
const shaders = join(root, 'shaders');

/** Reads a shader with the files that its `// use lib/….wgsl` lines name in front, and reflects the whole. WGSL wants every `enable` first. */
export function loadShader(path) {
  const text = readFileSync(path, 'utf8');
  const libraries = [...text.matchAll(/^\/\/ use (lib\/\S+\.wgsl)$/gm)].map((match) =>
    join(shaders, match[1]),
  );
  const whole = [...libraries.map((file) => readFileSync(file, 'utf8')), text].join('\n');
  const enables = new Set(whole.match(/^enable \w+;\n/gm));
  const source = [...enables, whole.replace(/^enable \w+;\n/gm, '')].join('');
  const reflected = new WgslReflect(withoutMatrices(source));
  const entries = reflected.entry.compute.map((entry) => [
    entry.name,
    entry.resources.map(binding).sort(byNumber),
  ]);
  return {
    name: relative(shaders, path)
      .split(sep)
      .join('/')
      .replace(/\.wgsl$/, ''),
    source,
    entries: Object.fromEntries(entries),
    libraries,
  };
}

/** The reflector knows no subgroup matrices: without their type arguments it takes their functions for any others. */
const withoutMatrices = (source) =>
  source.replace(/(subgroupMatrix\w+)<[^(]*>\(/g, '$1(').replace(/subgroup_matrix_\w+<[^;]*>;/g, 'f32;');

const byNumber = (a, b) => a.binding - b.binding;

function binding(variable) {
  const { name, binding } = variable;
  if (variable.resourceType === 0) return { name, binding, type: 'uniform', uniform: layout(variable) };
  return { name, binding, type: variable.access === 'read_write' ? 'storage' : 'read-only-storage' };
}

function layout(variable) {
  const { size, members } = variable.type;
  return {
    size,
    fields: members.map((member) => ({ name: member.name, offset: member.offset, type: member.type.name })),
  };
}

const wgsl = {
  name: 'wgsl',
  setup(build) {
    build.onResolve({ filter: /^#shaders\// }, (args) => ({
      path: join(shaders, args.path.slice('#shaders/'.length)),
    }));
    build.onLoad({ filter: /\.wgsl$/ }, (args) => {
      const { libraries, ...shader } = loadShader(args.path);
      return {
        contents: `export default ${JSON.stringify(shader)}`,
        loader: 'js',
        watchFiles: [args.path, ...libraries],
      };
    });
  },
};

/** WebAssembly's text, assembled; wabt is loaded where a build meets some. */
const wat = {
  name: 'wat',
  setup(build) {
    build.onLoad({ filter: /\.wat$/ }, async (args) => {
      const { default: open } = await import('wabt');
      const module = (await open()).parseWat(args.path, readFileSync(args.path, 'utf8'));
      const { buffer } = module.toBinary({});
      module.destroy();
      return { contents: buffer, loader: 'binary', watchFiles: [args.path] };
    });
  },
};

const find = (folder, ending) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const common = {
  bundle: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  splitting: true,
  target: 'es2023',
  logLevel: 'warning',
  plugins: [wgsl, wat],
  absWorkingDir: root,
  define: { KINDRED_VERSION: JSON.stringify(version) },
};
/** For pages the hub's library has files of its own, which its `exports` do not name. */
const page = {
  ...common,
  platform: 'browser',
  conditions: ['browser'],
  alias: { '@huggingface/hub': './node_modules/@huggingface/hub/dist/browser/index.mjs' },
};
const node = {
  ...common,
  platform: 'node',
  packages: 'external',
};

/** What package.json exports: for Node in the build's folder, for pages in browser/ there; the labeller for pages alone. */
const entries = { kindred: 'src/index.ts', label: 'src/label.ts', internal: 'src/internal.ts' };

/** The studio of a page, and workers, which lie beside what starts them. */
const pageEntries = {
  decode_worker: 'src/platform/page/images/decode_worker.ts',
  studio: 'src/web/studio/connect.ts',
  studio_worker: 'src/web/studio/worker.ts',
  judge_worker: 'src/web/studio/judge_worker.ts',
};

/**
 * The page: plain files that any web host can serve.
 * @param workers the studio's workers, by the names of their bundles
 */
export async function buildPage(outdir, { studio: _, ...workers } = pageEntries) {
  const [index] = await Promise.all([
    fillPage(),
    esbuild.build({
      ...page,
      entryPoints: { page: 'src/web/page/main.tsx', ...workers, style: 'src/web/static/style/style.css' },
      outdir,
      // Not every host knows that .mjs is a script.
      outExtension: { '.js': '.js' },
      minify: true,
    }),
  ]);
  mkdirSync(outdir, { recursive: true });
  writeFileSync(join(outdir, 'index.html'), index);
  cpSync(join(root, 'src/web/static/icon.svg'), join(outdir, 'icon.svg'));
  cpSync(join(root, 'encoders'), join(outdir, 'encoders'), { recursive: true });
}

/** index.html, whose policy lets the report's one script run: a report that is shown from the page is under it too. */
async function fillPage() {
  const entryPoints = ['src/label/report/script.ts'];
  const { outputFiles } = await esbuild.build({ ...common, splitting: false, entryPoints, write: false });
  const { script } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  const hash = createHash('sha256').update(script).digest('base64');
  return readFileSync(join(root, 'src/web/static/index.html'), 'utf8').replace(
    '{{report}}',
    `sha256-${hash}`,
  );
}

/** Builds everything; `outdir` is replaced. */
export async function build(outdir = join(root, 'dist')) {
  rmSync(outdir, { recursive: true, force: true });
  await Promise.all([
    esbuild.build({
      ...node,
      entryPoints: { ...entries, cli: 'src/cli/index.ts', launcher: 'setup/kindred.mjs' },
      outdir,
    }),
    esbuild.build({
      ...node,
      entryPoints: find('test', '.test.ts'),
      outbase: 'test',
      outdir: join(outdir, 'test'),
      sourcemap: true,
    }),
    esbuild.build({
      ...page,
      entryPoints: { ...entries, ...pageEntries, labeller: 'src/web/labeller/index.ts' },
      outdir: join(outdir, 'browser'),
    }),
    buildPage(join(outdir, 'web')),
  ]);
  // A page can only fetch what lies beside its bundle.
  cpSync(join(root, 'encoders'), join(outdir, 'browser/encoders'), { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
