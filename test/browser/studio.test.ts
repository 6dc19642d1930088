import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { platform } from '#platform';
import { labelRun } from '../../src/app/jobs/label_run.ts';
import { nextRun } from '../../src/app/jobs/next_run.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import { zipEntries } from '../../src/formats/torch/zip_entries.ts';
import { readLabelsCsv } from '../../src/label/files/labels_csv.ts';
import { testIf } from '../support.ts';
import { findChromium } from './chromium.ts';
import { openProfile, type Profile } from './profile.ts';
import { type StudioTab, studioTab } from './studio_tab.ts';

const chromium = findChromium();
const missing = 'no chromium or google-chrome on PATH';

let profile: Profile;
let tab: StudioTab;
const problems: string[] = [];
test.before(async () => {
  if (!chromium) return;
  profile = await openProfile(chromium);
  tab = await studioTab(profile, problems);
});
test.after(() => profile?.close());

/** Figures of the demo come one kind after another, and each round begins with another. */
const images = 60;
const labelled = 36;

testIf(
  chromium,
  missing,
  'images of the demo, the base encoder and some answers become labels in a page, which the command line goes on with',
  async () => {
    const facts = await tab.run(({ facts }) => facts);
    assert.is(facts.problem, null);
    assert.ok(facts.software);
    assert.is(facts.storage, 'private');

    const state = await tab.run(({ studio }, images) => studio.collect({ kind: 'demo', images }), images);
    assert.is(state.stage, 'collected');
    assert.is(state.images, images);
    assert.is(state.classes.length, 6);
    const ended = await tab.run(({ studio }) => studio.train({ method: 'base' }));
    assert.equal(ended, { state: 'done', stage: 'ready' });

    const judged = await tab.run(async ({ studio, until, events }, labelled) => {
      const before = await until((event) => event.kind === 'judged');
      const proposed = before.kind === 'judged' ? before.judgement.next : [];
      for (let image = 0; image < labelled; image++) {
        const asked = proposed.find((proposal) => proposal.image === image) ?? 'own';
        await studio.answer(image, (image + 5 * Math.floor(image / 6)) % 6, asked);
      }
      const quick = events.findLast((event) => event.kind === 'judged' && event.quick);
      const full = await until(
        (event) => event.kind === 'judged' && !event.quick && event.judgement.answers === labelled,
      );
      const told = (event: typeof quick) =>
        event?.kind === 'judged'
          ? { ...event.judgement.counts, predicted: [...event.judgement.predicted] }
          : {};
      const map = events.findLast((event) => event.kind === 'map');
      return { quick: told(quick), full: told(full), points: map?.kind === 'map' ? map.points.length : 0 };
    }, labelled);
    assert.is((judged.quick as { given: number }).given, labelled);
    assert.is((judged.full as { given: number }).given, labelled);
    assert.is(judged.points, 2 * images);

    const finished = await tab.run(async ({ studio, events }) => {
      const { files, summary } = await studio.finish();
      const { name, blob } = await studio.takeHome('session');
      const bytes = new Uint8Array(await blob.arrayBuffer());
      let text = '';
      for (let at = 0; at < bytes.length; at += 8192)
        text += String.fromCharCode(...bytes.subarray(at, at + 8192));
      const last = events.findLast((event) => event.kind === 'judged');
      const page = last?.kind === 'judged' ? last.judgement : undefined;
      return {
        ...{ files, summary, name, zip: btoa(text) },
        predicted: [...page!.predicted],
        confidence: [...page!.confidence],
      };
    });
    const saved = await tab.run(async ({ studio }, labelled) => {
      const { blob } = await studio.takeHome('model');
      const letters = Array.from(new Uint8Array(await blob.arrayBuffer()), (byte) =>
        String.fromCharCode(byte),
      );
      // Headless browsers show no picker; a folder of the page's own is written the same way.
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle('a real folder', { create: true });
      const count = await studio.saveInto(folder);
      const sizes: Record<string, number> = {};
      const walk = async (place: FileSystemDirectoryHandle, above: string) => {
        for await (const entry of place.values()) {
          const name = `${above}${entry.name}`;
          if (entry.kind === 'directory') await walk(entry as FileSystemDirectoryHandle, `${name}/`);
          else sizes[name] = (await (entry as FileSystemFileHandle).getFile()).size;
        }
      };
      await walk(folder, '');
      await root.removeEntry(folder.name, { recursive: true });
      await studio.answer(labelled, 0, 'own');
      const again = await studio.finish();
      await studio.undo();
      return { count, sizes, model: btoa(letters.join('')), again: again.summary };
    }, labelled);
    assert.match(saved.again, /^37 given, /);
    const model = zipEntries(new Uint8Array(Buffer.from(saved.model, 'base64')), 'model.zip');
    assert.equal([...model.keys()].sort(), ['encoder.safetensors', 'head.safetensors', 'model.onnx']);
    // Weights that were taken home are an encoder's file for the next set of images.
    const given = await tab.run(
      async ({ studio }, weights) => {
        const { id } = await studio.collect({ kind: 'demo', images: 12 });
        const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
        const end = await studio.train({ method: 'file', file: new File([bytes], 'mine.safetensors') });
        const { encoder, stage } = await studio.open(id);
        const missing = await studio.train({ method: 'file' }).then(
          () => 'trained',
          (error: Error) => error.message,
        );
        await studio.remove(id);
        return { end, encoder, stage, missing };
      },
      Buffer.from(model.get('encoder.safetensors')!.bytes).toString('base64'),
    );
    assert.equal(given.end, { state: 'done', stage: 'ready' });
    assert.match(given.encoder!, /mine/);
    assert.match(given.missing, /no encoder's file was given/);
    assert.ok(finished.files.includes('report.html'));
    assert.match(finished.summary, /^36 given, /);
    assert.is(finished.name, 'demo.zip');

    const folder = mkdtempSync(join(tmpdir(), 'kindred-home-'));
    try {
      const zip = new Uint8Array(Buffer.from(finished.zip, 'base64'));
      for (const [name, entry] of zipEntries(zip, 'demo.zip')) {
        const path = join(folder, name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, entry.bytes);
      }
      const sizes = [...zipEntries(zip, 'demo.zip')].map(
        ([name, { bytes }]) => [name, bytes.length] as const,
      );
      assert.equal(
        Object.entries(saved.sizes).sort(),
        sizes.map(([name, size]) => [name.slice('demo/'.length), size]).sort(),
      );
      assert.is(saved.count, sizes.length);
      const run = join(folder, 'demo/run');
      const text = () => readFileSync(join(run, 'labels.csv'), 'utf8');
      const read = () => readLabelsCsv(text(), 'labels.csv');
      const pagesText = text();
      const inPage = read();
      // What the page shows is what the file says.
      inPage.forEach(({ label, confidence }, image) => {
        assert.is(state.classes[finished.predicted[image]!], label);
        assert.ok(Math.abs(finished.confidence[image]! - confidence) < 1e-6);
      });
      const context = { files: platform.files, reporter: silentReporter, command: ['test'], versions: {} };
      const outcome = await labelRun({ run, methods: ['probe'], tune: 0 }, context);
      assert.is(outcome.interrupted, false);
      const inNode = read();
      assert.is(inNode.length, images);
      inNode.forEach(({ path, label, confidence, status }, row) => {
        const own = inPage[row]!;
        assert.equal([path, label, status], [own.path, own.label, own.status]);
        // Features of two drivers differ in the last bits, which calibration carries on.
        assert.ok(Math.abs(confidence - own.confidence) < 1e-3, `${path}: ${confidence}, ${own.confidence}`);
      });
      // The very same driver gives the very same bytes.
      if (!outcome.interrupted && /swiftshader/i.test(outcome.report.provenance.adapter))
        assert.is(text(), pagesText);
      const next = await nextRun({ run, budget: 3 }, context);
      assert.is(next.images.length, 3);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    assert.equal(problems, []);
  },
);

testIf(
  chromium,
  missing,
  'files that were dropped become a session: sub-folders or a labels.csv are labels, what cannot be read is listed',
  async () => {
    const seen = await tab.run(async ({ studio }) => {
      const image = async (path: string, colour: string) => {
        const canvas = new OffscreenCanvas(20, 24);
        const context = canvas.getContext('2d')!;
        context.fillStyle = colour;
        context.fillRect(0, 0, 20, 24);
        return { path, file: new File([await canvas.convertToBlob()], path) };
      };
      const text = (path: string, content: string) => ({ path, file: new File([content], path) });
      const files = [
        await image('red/1.png', 'rgb(250, 10, 10)'),
        await image('red/2.png', 'rgb(240, 10, 10)'),
        await image('blue/1.png', 'rgb(10, 10, 250)'),
        text('blue/broken.png', '\x89PNG\r\n\x1a\n and then nothing'),
        text('notes.txt', 'not an image'),
      ];
      const byFolder = await studio.collect({ kind: 'files', name: 'colours', files });
      const pixels = [...(await studio.pixels(Int32Array.of(0, 2))).subarray(0, 3)];
      await studio.remove(byFolder.id);
      const labels = text(
        'labels.csv',
        'path,label\nred/1.png,warm\nred/2.png,none of these\nblue/1.png,cold\n',
      );
      const byFile = await studio.collect({ kind: 'files', name: 'colours', files: [...files, labels] });
      await studio.remove(byFile.id);
      const views = await studio.collect({ kind: 'demo', images: 12 });
      const pairs = await studio.pairs('simclr-cifar', Int32Array.of(1, 2), 3);
      const originals = await studio.pixels(Int32Array.of(1, 2));
      await studio.remove(views.id);
      return {
        byFolder: { ...byFolder, given: [...byFolder.given] },
        byFile: { ...byFile, given: [...byFile.given] },
        pixels,
        pairs: { ...pairs, pixels: [...pairs.pixels] },
        originals: [...originals],
      };
    });
    const { byFolder, byFile } = seen;
    assert.is(byFolder.name, 'colours');
    assert.is(byFolder.side, 32);
    assert.equal(byFolder.paths, ['blue/1.png', 'red/1.png', 'red/2.png']);
    assert.equal(byFolder.classes, ['blue', 'red']);
    assert.equal(byFolder.given, [0, 1, 1]);
    assert.equal(
      byFolder.unreadable.map(({ path }) => path),
      ['blue/broken.png'],
    );
    assert.ok(
      byFolder.notes.includes('labels: 3 images have one, by the sub-folders'),
      byFolder.notes.join('\n'),
    );
    assert.equal(seen.pixels, [10, 10, 250]);
    assert.equal(byFile.classes, ['cold', 'warm']);
    assert.equal(byFile.given, [0, 1, -2]);

    // Of each image the original, as it is, and two views that are not.
    const bytes = 3 * 32 * 32;
    assert.is(seen.pairs.side, 32);
    assert.is(seen.pairs.pixels.length, 2 * 3 * bytes);
    const part = (at: number) => seen.pairs.pixels.slice(at * bytes, (at + 1) * bytes);
    assert.equal(part(0), seen.originals.slice(0, bytes));
    assert.equal(part(3), seen.originals.slice(bytes));
    assert.not.equal(part(1), part(0));
    assert.not.equal(part(1), part(2));
  },
);

testIf(chromium, missing, 'a second tab can only look at a session', async () => {
  await tab.run(async ({ studio }) => {
    const [kept] = await studio.sessions();
    await studio.open(kept!.id);
  });
  const second = await studioTab(profile);
  const looked = await second.run(async ({ studio }) => {
    const sessions = await studio.sessions();
    const open = sessions.find(({ inUse }) => inUse)!;
    const state = await studio.open(open.id);
    const refused = await studio.answer(0, 0, 'own').then(
      () => 'answered',
      (error: Error) => error.message,
    );
    const pixels = await studio.pixels(Int32Array.of(0, 1));
    return { count: sessions.length, readOnly: state.readOnly, refused, pixels: pixels.length };
  });
  assert.is(looked.count, 1);
  assert.ok(looked.readOnly);
  assert.match(looked.refused, /^another tab has this session open/);
  assert.is(looked.pixels, 2 * 32 * 32 * 3);
  await second.page.close();
});

test.run();
