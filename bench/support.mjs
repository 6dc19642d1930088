// What the benches share: set-up, engines, clocks, shares of the adapter's limits, tables and --json.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/** The library of a build's folder, with what it keeps for benches; without one that of dist/, built where that is due. */
export async function loadKindred(folder) {
  if (folder) return importBuild(resolve(folder));
  const setup = fileURLToPath(new URL('../setup.mjs', import.meta.url));
  // Standard output is the bench's own.
  const { status } = spawnSync(process.execPath, [setup], { stdio: ['inherit', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
  return importBuild(fileURLToPath(new URL('../dist', import.meta.url)));
}

/** The library of a folder's build as it stands. Builds before the internal entry have all of it in the public one. */
export function importBuild(folder) {
  const internal = join(folder, 'internal.mjs');
  const file = existsSync(internal) ? internal : join(folder, 'kindred.mjs');
  return import(pathToFileURL(file).href);
}

/**
 * Options of a bench: name → default; numbers stay numbers. Always there: `--json`, and `--build FOLDER` for another
 * build of the library than dist/. A bench that can take turns with a second build declares `against`.
 */
export function options(defaults) {
  const all = { ...defaults, build: '' };
  const declared = Object.fromEntries(Object.keys(all).map((name) => [name, { type: 'string' }]));
  const { values } = parseArgs({ options: { ...declared, json: { type: 'boolean' } } });
  const read = (name, text) => (typeof defaults[name] === 'number' ? Number(text) : text);
  const given = Object.entries(values).map(([name, text]) => [
    name,
    name === 'json' ? text : read(name, text),
  ]);
  return { ...all, json: false, ...Object.fromEntries(given) };
}

/** N·size·size·3 bytes that vary from pixel to pixel, as of so many RGB images. */
export function somePixels(images, size) {
  const pixels = new Uint8Array(images * size * size * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (97 * i + ((i * i) >> 7)) & 255;
  return pixels;
}

/** A tensor of numbers in −1 … 1 without a pattern that a kernel could profit from. */
export function filled(engine, ...shape) {
  const length = shape.reduce((product, side) => product * side, 1);
  const data = Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * i));
  return engine.input(shape, 'f32', data);
}

/** A SimCLR step's settings, as `kindred train` has them. @param pairs images of a batch */
export function simclrSettings({ architectureOf, presets }, { width, size, pairs }) {
  const encoder = { depth: 18, width, stem: size <= 48 ? 'cifar' : 'imagenet' };
  return {
    encoder,
    projection: [architectureOf(encoder).featureSize, 128],
    batch: pairs,
    imageSize: size,
    temperature: 0.2,
    policy: presets[size <= 48 ? 'simclr-cifar' : 'simclr-imagenet'],
    optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
    seed: 1,
  };
}

/**
 * Operations of a SimCLR step: two views forward and, at twice the cost, backward; the projection head and the loss are
 * not counted.
 */
export function stepFlops({ architectureOf, multiplyAdds }, { encoder, imageSize, batch }) {
  return 2 * 3 * 2 * batch * multiplyAdds(architectureOf(encoder), imageSize);
}

/** The middle value, the upper one of two. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** The value below which `share` of the values lie, interpolated. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = sorted[below + 1] ?? sorted[below];
  return sorted[below] + (at - below) * (above - sorted[below]);
}

/**
 * The median with an interval that holds the true one with 95% or more, whatever the values' distribution: the values
 * between which it lies but for the tails of fair coins. Fewer than six values have none.
 */
export function medianInterval(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  let [skipped, tail, chance] = [-1, 0, 2 ** -count];
  for (let i = 0; 2 * (tail + chance) <= 0.05; i++) {
    tail += chance;
    chance *= (count - i) / (i + 1);
    skipped = i;
  }
  if (skipped < 0) throw new Error(`${count} values are too few for an interval: 6 at least`);
  return { median: quantile(values, 0.5), low: sorted[skipped], high: sorted[count - 1 - skipped] };
}

/** To three digits. */
export const round = (value) => Number(value.toPrecision(3));

/** Bytes, to a tenth of a MiB. */
export const mebibytes = (bytes) => Number((bytes / 2 ** 20).toFixed(1));

/** A share, to a tenth of a percent. */
export const percent = (share) => `${(100 * share).toFixed(1)}%`;

/** Median, least and greatest, to three digits. */
export function spread(values) {
  return { median: round(median(values)), min: round(Math.min(...values)), max: round(Math.max(...values)) };
}

/**
 * Seconds of what `submit` has the engine do: until it returns (`host`), until the work is done (`wall`), and of the
 * processor. On a software adapter the process's own processor time is the work that the kernels cost, whatever else the
 * machine does meanwhile.
 */
export async function timed(engine, submit) {
  const before = process.cpuUsage();
  const start = performance.now();
  submit();
  const host = (performance.now() - start) / 1e3;
  await engine.gpu.idle();
  const wall = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(before);
  return { host, wall, cpu: (user + system) / 1e6 };
}

/**
 * Milliseconds of each program's runs, taken in turn, so that a drift of the machine meets all of them alike.
 * @param programs name → compiled program
 */
export async function interleaved(engine, programs, runs) {
  const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let run = -1; run < runs; run++) {
    for (const [name, program] of Object.entries(programs)) {
      const { wall } = await timed(engine, () => program.run());
      // The first round warms up: some drivers compile at the first dispatch.
      if (run >= 0) times[name].push(1e3 * wall);
    }
  }
  return times;
}

/** Kernel milliseconds summed by label, largest first: [{kernel, calls, milliseconds, share}]. */
export function byKernel(profile) {
  const total = profile.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const kernels = new Map();
  for (const { label, milliseconds } of profile) {
    const entry = kernels.get(label) ?? { kernel: label, calls: 0, milliseconds: 0 };
    entry.calls++;
    entry.milliseconds += milliseconds;
    kernels.set(label, entry);
  }
  const list = [...kernels.values()].toSorted((a, b) => b.milliseconds - a.milliseconds);
  return list.map((k) => ({
    ...k,
    milliseconds: Number(k.milliseconds.toFixed(2)),
    share: Number((k.milliseconds / total).toFixed(3)),
  }));
}

/** The processor's name, with its family and model where Linux tells them: virtual machines leave the name short. */
function processorName() {
  const name = cpus()[0]?.model.trim() ?? 'unknown';
  const path = '/proc/cpuinfo';
  if (!existsSync(path)) return name;
  const [family, model] = ['cpu family', 'model'].map(
    (key) => new RegExp(`^${key}\\s*: (\\d+)$`, 'm').exec(readFileSync(path, 'utf8'))?.[1],
  );
  return family && model ? `${name}, family ${family}, model ${model}` : name;
}

/** What a figure was measured on, and beside how much other work. */
export function circumstances(engine, speed) {
  const { description, driver } = engine.gpu.capabilities;
  const { version } = JSON.parse(
    readFileSync(new URL('../node_modules/webgpu/package.json', import.meta.url), 'utf8'),
  );
  return {
    adapter: description,
    driver,
    ...(speed && { peakGflops: Number((speed.flops / 1e9).toFixed(1)) }),
    processor: processorName(),
    cores: availableParallelism(),
    load: Number(loadavg()[0].toFixed(2)),
    node: process.versions.node,
    webgpu: version,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Prints rows as a table under their keys, or everything as one JSON object. */
export function report(json, header, rows, more = {}) {
  if (json) {
    console.log(JSON.stringify({ ...header, rows, ...more }, null, 2));
    return;
  }
  console.log(
    Object.entries(header)
      .map(([name, value]) => `${name} ${value}`)
      .join('  '),
  );
  printTable(rows);
}

/** Prints rows as a table under the first row's keys. */
export function printTable(rows) {
  if (rows.length === 0) return;
  // Lists are for JSON.
  const names = Object.keys(rows[0]).filter((name) => !Array.isArray(rows[0][name]));
  const cell = (value) => (value === null || value === undefined ? '–' : String(value));
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => cell(row[name]).length)));
  const line = (cells) => cells.map((text, i) => text.padStart(widths[i])).join('  ');
  console.log(line(names));
  for (const row of rows) console.log(line(names.map((name) => cell(row[name]))));
}
