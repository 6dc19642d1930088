// The package as a user gets it: packed, installed by npm in two projects outside the checkout, compiled, run in Node and
// bundled for a page. The compiler and the bundler are the checkout's own.
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as esbuild from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findChromium, openPage } from '../browser/chromium.ts';
import { privateCache, testIf } from '../support.ts';
import { makeProject, output, root, run, userEnvironment } from './project.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-package-'));
const [inNode, forPage] = [join(folder, 'node'), join(folder, 'page')];

const kindred = join(inNode, 'node_modules', '.bin', 'kindred');
const fetched = join(root, '.driver', 'swiftshader');
const cache = join(folder, 'cache');
/** The user's environment with a cache folder of its own, in which the driver lies where this checkout has it. */
const inCache = (more: Record<string, string> = {}) => userEnvironment({ ...privateCache(cache), ...more });
const noDriver = { VK_ICD_FILENAMES: '/nonexistent.json', VK_DRIVER_FILES: '/nonexistent.json' };

/** A user's program: fits a linear classifier to points by their sign, and writes a row of labels.csv. */
const program = `
import { backward, Engine, linear, sgd, softmaxCrossEntropy, type Tensor } from 'kindred';
import { type ImageLabel, labelsCsv } from 'kindred/label';

export async function losses(steps: number): Promise<number[]> {
  const engine: Engine = await Engine.create();
  const parameters = engine.parameters();
  const layer = linear({ parameters, seed: 1 }, 'classifier', { inputs: 2, outputs: 2, bias: true });
  const optimizer = sgd(engine, parameters, { momentum: 0.9, weightDecay: 0 });
  const points: Tensor = engine.input([4, 2], 'f32', Float32Array.of(1, 2, 2, 1, -1, -2, -2, -1));
  const labels = engine.input([4], 'u32', Uint32Array.of(1, 1, 0, 0));
  const step = await engine.compile(() => {
    const { loss } = softmaxCrossEntropy(layer(points), labels);
    backward(loss);
    optimizer.update();
    return { loss };
  });
  const found: number[] = [];
  for (let i = 0; i < steps; i++) {
    optimizer.prepare(i, 0.5);
    step.run();
    const { loss } = await step.read();
    found.push(loss[0]!);
  }
  engine.destroy();
  return found;
}

export function row(path: string): string {
  const label: ImageLabel = { path, label: 'cat', confidence: 1, margin: 1, runnerUp: '', status: 'given', nearestLabelled: '' };
  return [...labelsCsv([label])].join('');
}
`;
const main =
  "import { losses, row } from './program.js';\nconsole.log(JSON.stringify([await losses(5), row('a.png')]));\n";

let packed: { filename: string; files: { path: string }[] };

test.before(() => {
  mkdirSync(join(cache, 'kindred'), { recursive: true });
  if (existsSync(fetched)) symlinkSync(fetched, join(cache, 'kindred', 'swiftshader'));
  output(root, process.execPath, ['setup/declarations.mjs']);
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  [packed] = JSON.parse(output(root, 'npm', args));
  const tarball = join(folder, packed.filename);
  makeProject(inNode, tarball, { 'program.ts': program, 'main.ts': main });
  makeProject(forPage, tarball, {
    'program.ts': program,
    'unused.js': "import 'kindred'; import 'kindred/label';",
  });
});

test.after(() => rmSync(folder, { recursive: true, force: true }));

test('the package holds the builds, their types and its papers, and nothing else', () => {
  const allowed =
    /^(package\.json|README\.md|LICENSE|dist\/[\w-]+\.mjs|dist\/browser\/[\w-]+\.mjs|dist\/web\/([\w-]+\.(js|css)|index\.html|icon\.svg)|dist\/types\/[\w/]+\.d\.ts|(dist\/(browser|web)\/)?encoders\/base\/(README\.md|config\.json|model\.safetensors))$/;
  const paths = packed.files.map(({ path }) => path);
  assert.equal(
    paths.filter((path) => !allowed.test(path)),
    [],
  );
  const { bin, exports, types } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const named = [
    types,
    ...Object.values(bin),
    ...Object.values(exports).flatMap((e) => Object.values(e as object)),
  ];
  for (const path of named.filter((path) => path.length > 1))
    assert.ok(paths.includes(path.replace('./', '')), path);
});

// Without skipLibCheck, so that the declarations are checked too.
const strict = [
  '--strict',
  '--target',
  'es2023',
  '--exactOptionalPropertyTypes',
  '--noUncheckedIndexedAccess',
];
const tsc = (project: string, ...args: string[]) =>
  output(project, process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...strict, ...args]);

test("a user's program compiles strictly, and trains in Node", () => {
  tsc(inNode, '--module', 'nodenext', 'main.ts');
  const [found, csv] = JSON.parse(output(inNode, process.execPath, ['main.js'], inCache()));
  assert.ok(found.length === 5 && found[4] < found[0] / 2, `losses: ${found}`);
  assert.match(csv, 'a.png,cat,1.000000,1.000000,,given,');
});

test('types resolve for bundlers too, and wrong arguments do not compile', () => {
  tsc(
    forPage,
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    '--customConditions',
    'browser',
    'program.ts',
  );
  writeFileSync(
    join(inNode, 'wrong.ts'),
    "import { Engine } from 'kindred';\nawait Engine.create({ tuning: 'fast' });\n",
  );
  const args = [
    join(root, 'node_modules/typescript/bin/tsc'),
    '--strict',
    '--noEmit',
    '--pretty',
    'false',
    '--module',
    'nodenext',
    'wrong.ts',
  ];
  const { status, stdout } = run(inNode, process.execPath, args);
  assert.is.not(status, 0);
  assert.match(
    stdout,
    /^wrong\.ts\(2,.*error TS2322: Type 'string' is not assignable to type 'TuningOptions'/m,
  );
});

test('a bundler leaves out what a page does not use', async () => {
  const result = await esbuild.build({
    entryPoints: [join(forPage, 'unused.js')],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  assert.is(result.outputFiles[0]!.text.replace(/\/\/.*\n/g, '').trim(), '');
});

const chromium = findChromium();
testIf(
  chromium,
  'no chromium or google-chrome on PATH',
  "a user's program, bundled for a page, trains in Chromium",
  async () => {
    await esbuild.build({
      entryPoints: [join(forPage, 'program.js')],
      bundle: true,
      format: 'esm',
      outfile: join(forPage, 'site', 'program.mjs'),
    });
    const { page, problems, close } = await openPage(chromium!, join(forPage, 'site'));
    try {
      const found = (await page.evaluate(
        "import('/program.mjs').then(({ losses }) => losses(5))",
      )) as number[];
      assert.ok(found.length === 5 && found[4]! < found[0]! / 2, `losses: ${found}`);
      assert.equal(problems, []);
    } finally {
      await close();
    }
  },
);

test('the installed command runs by its own name and ends as what it starts ends', () => {
  assert.match(output(inNode, kindred, ['--help'], inCache()), 'Usage: kindred');
  const { status, stderr } = run(inNode, kindred, ['augment', '--data', 'missing'], inCache());
  assert.is(status, 2, stderr);
  assert.match(stderr, /^kindred: .*missing/m);
});

const isLinux = process.platform === 'linux';
testIf(
  isLinux,
  'Linux only',
  'the installed command widens the thread pool and hands SIGTERM on',
  async () => {
    const args =
      'pretrain --data demo --limit 200 --image-size 16 --width 4 --batch 16 --epochs 100000 --out run';
    const child = spawn(kindred, args.split(' '), { cwd: inNode, env: inCache(), stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const metrics = join(inNode, 'run', 'metrics.jsonl');
    while (child.exitCode === null && !existsSync(metrics)) await setTimeout(20);
    const [started] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
    const environment = readFileSync(`/proc/${started}/environ`, 'utf8').split('\0');
    assert.ok(environment.includes(`UV_THREADPOOL_SIZE=${Math.max(4, availableParallelism())}`));
    child.kill('SIGTERM');
    assert.is(await ended, 130);
    assert.ok(existsSync(join(inNode, 'run', 'checkpoint.json')));
  },
);

testIf(isLinux, 'Linux only', 'a library without a driver says which command fetches one', () => {
  const script =
    "import('kindred').then(({ Engine }) => Engine.create()).catch((e) => console.log(e.name + ': ' + e.message))";
  const said = output(
    inNode,
    process.execPath,
    ['-e', script],
    inCache({ ...noDriver, ...privateCache(join(folder, 'empty')) }),
  );
  assert.match(said, /^NoAdapterError: .*run "npx kindred doctor", which fetches a software driver/);
});

testIf(
  existsSync(fetched),
  'SwiftShader is not in .driver: KINDRED_DRIVER=swiftshader npm run setup fetches it',
  "an installed command and library take the driver in the user's cache folder",
  () => {
    const [found] = JSON.parse(output(inNode, process.execPath, ['main.js'], inCache(noDriver)));
    assert.ok(found[4] < found[0] / 2, `losses: ${found}`);
    const { adapter } = JSON.parse(output(inNode, kindred, ['doctor', '--json'], inCache(noDriver)));
    assert.match(adapter, /SwiftShader/i);
  },
);

test.run();
