import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type * as library from '../../src/internal.ts';
import type { FileContent, Files } from '../../src/platform/platform.ts';
import { testIf } from '../support.ts';
import { findChromium, openPage } from './chromium.ts';

const chromium = findChromium();
const built = fileURLToPath(new URL('../../browser', pathToFileURL(process.argv[1]!)));

/** Runs jobs over files in memory. Refers to nothing but its argument: its text runs in a page. */
async function runJobs({ trainRun, nextRun, evaluateRun, exportRun, platform }: typeof library) {
  const content = new Map<string, Uint8Array>();
  const bytesOf = (data: FileContent) =>
    data instanceof Uint8Array ? data.slice() : new TextEncoder().encode([...data].join(''));
  const text = (path: string) => new TextDecoder().decode(content.get(path));
  const files: Files = {
    ...platform.files,
    async stat(path) {
      const bytes = content.get(path)?.length;
      return bytes === undefined ? undefined : { kind: 'file', bytes };
    },
    async list(folder) {
      const inside = [...content.keys()].filter((path) => path.startsWith(`${folder}/`));
      return inside.map((path) => path.slice(folder.length + 1)).sort();
    },
    read: async (path) => content.get(path)!.slice(),
    writeAtomic: async (path, data) => void content.set(path, bytesOf(data)),
    append: async (path, added) => void content.set(path, bytesOf(text(path) + added)),
    makeFolder: async () => {},
    lock: async () => ({ takenFrom: undefined, release: async () => {} }),
    async writeFolder(path, fill) {
      const write = async (name: string, data: FileContent) =>
        void content.set(`${path}/${name}`, bytesOf(data));
      await fill({ write, copy: write, link: write });
    },
  };
  const notes: string[] = [];
  const stages = new Set<string>();
  const reporter = {
    note: (note: unknown) => notes.push(String(note)),
    progress: ({ stage }: { stage: string }) => stages.add(stage),
    signal: new AbortController().signal,
    stoppable: () => {},
  };
  const context = { files, reporter, command: ['a page'], versions: {} };
  const sizes = { limit: 60, testLimit: 8, width: 2, imageSize: 8, batch: 8, epochs: 1 } as const;
  const trained = await trainRun(
    { ...sizes, labelsPerClass: 2, methods: ['probe'], folds: 2, out: 'run' },
    context,
  );
  const next = await nextRun({ run: 'run', budget: 3 }, context);
  const { all } = await evaluateRun({ run: 'run', truth: 'own' }, context);
  await exportRun({ run: 'run', format: ['csv', 'imagefolder', 'onnx', 'features'], out: 'out' }, context);
  const refusal = await trainRun({ ...sizes, batch: 1, out: 'other' }, context).catch(
    (error) => `${error.setting}: ${error.message}`,
  );
  return {
    interrupted: trained.interrupted,
    proposed: next.images.length,
    evaluated: all.count,
    notes,
    stages: [...stages],
    refusal,
    rows: text('run/labels.csv').trimEnd().split('\n').length,
    png: [...content.get('run/next.png')!.subarray(1, 4)],
    files: [...content.keys()].sort(),
  };
}

testIf(
  chromium,
  'no chromium or google-chrome on PATH',
  'a page runs the jobs over files of its own: from images to labels, what is next, scores and exports',
  async () => {
    const { page, problems, close } = await openPage(chromium!, built);
    try {
      const ended = (await page.evaluate(
        `(async () => (${runJobs})(await import('/internal.mjs')))()`,
      )) as Awaited<ReturnType<typeof runJobs>>;
      assert.is(ended.interrupted, false);
      assert.is(ended.rows, 61);
      assert.is(ended.proposed, 3);
      // Six classes with two labels each are given.
      assert.is(ended.evaluated, 60 - 6 * 2);
      assert.equal(
        ended.png,
        [...'PNG'].map((letter) => letter.charCodeAt(0)),
      );
      assert.match(
        ended.refusal as string,
        /^batch: batch 1 cannot be: give a whole number from 2 to 65536$/,
      );
      assert.ok(ended.notes.some((note) => note.startsWith('SimCLR: ResNet-18')));
      assert.ok(ended.stages.includes('features: SimCLR'));
      for (const name of ['labels.csv', 'report.html', 'encoder.safetensors', 'config.json', 'metrics.jsonl'])
        assert.ok(ended.files.includes(`run/${name}`), name);
      for (const name of ['labels.csv', 'model.onnx', 'features.safetensors', 'images.csv'])
        assert.ok(ended.files.includes(`out/${name}`), name);
      assert.equal(problems, []);
    } finally {
      await close();
    }
  },
);

test.run();
