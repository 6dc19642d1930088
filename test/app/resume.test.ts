import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describePretext, pretextOptions } from '../../src/app/jobs/pretext_task.ts';
import { planTraining } from '../../src/app/plan/training_plan.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import {
  configVersion,
  type RunConfig,
  readConfig,
  settingsOfRun,
  writeConfig,
} from '../../src/app/run/config.ts';
import { resumedPlan, resumedSettings } from '../../src/app/run/resume.ts';
import { type KeptSettings, keptSettings } from '../../src/app/settings/jobs.ts';
import { resolveSettings } from '../../src/app/settings/resolve.ts';
import { Engine } from '../../src/autograd/engine.ts';
import { presets } from '../../src/data/policy.ts';
import type { UserError } from '../../src/errors.ts';
import {
  type MethodName,
  type MethodSettings,
  methodSettings,
  pretextMethods,
  settingsOfOthers,
} from '../../src/pretext/registry.ts';
import type { Kind } from '../../src/setting.ts';
import { MemoryFiles } from '../memory_files.ts';
import { tinyData } from '../pretext/tiny.ts';

const engine = await Engine.create();
const { capabilities } = engine.gpu;
const defaults = resolveSettings(keptSettings, { data: 'images' });
/** Of an adapter that affords more, or less. */
const planAt = (settings: KeptSettings, flops: number) =>
  planTraining(settings, capabilities, { flops, bandwidth: 1e10 });
/** Forty images, the first twenty of them with labels. */
const data = (() => {
  const all = tinyData(40);
  return { ...all, labels: all.labels.map((label, i) => (i < 20 ? label : -1)) };
})();
const optionsOf = (settings: KeptSettings, flops = 1e11) =>
  pretextOptions(
    { engine, settings, plan: planAt(settings, flops), start: undefined },
    settings.pretext as MethodName,
    data,
  );

/** The config.json of a run with these settings, written and read. */
async function started(settings: KeptSettings): Promise<RunConfig> {
  const context = { files: new MemoryFiles(), reporter: silentReporter, command: ['train'], versions: {} };
  const plan = planAt(settings, 1e11);
  await writeConfig(context, 'run', {
    options: settings,
    settings: optionsOf(settings),
    adapter: 'none',
    speed: { flops: 1e11, bandwidth: 1e10 },
    limits: { pool: plan.limit, heldOut: plan.testLimit },
    data: { description: '', fingerprint: 'f', unreadable: [], keepsLabelled: true },
  });
  return readConfig(context, 'run');
}

test('a policy that the method brings is taken up again by a resume, and is no other network’s', async () => {
  const settings = resolveSettings(keptSettings, {
    data: 'images',
    pretext: 'masked',
    imageSize: 8,
    width: 4,
  });
  const run = await started(settings);
  assert.equal(run.settings.policy, presets.weak);
  assert.is(settingsOfRun(run).policy, undefined);
  assert.equal(optionsOf(resumedSettings({}, 'run', run)).policy, presets.weak);
  // One that the user chose is every network's.
  const chosen = await started({ ...settings, policy: 'weak' });
  assert.equal(settingsOfRun(chosen).policy, presets.weak);
  // Of a method without one it is kept as it was resolved.
  const contrastive = await started({ ...settings, pretext: 'simclr' });
  assert.equal(settingsOfRun(contrastive).policy, presets['simclr-cifar']);
});

/** For each setting a value that is neither its default nor what would be chosen here, and another such. */
const unusual: {
  readonly [Name in Exclude<keyof typeof keptSettings, keyof MethodSettings>]-?: readonly [unknown, unknown];
} = {
  data: ['idx:somewhere', 'folder'],
  labels: ['labels.csv', 'folders'],
  doubtfulLabels: ['keep', 'drop'],
  labelsPerClass: [7, 8],
  seed: [5, 6],
  groups: ['folder', 'none'],
  imageSize: [96, 64],
  limit: [37, 38],
  testLimit: [11, 12],
  range: ['0,4095', 'file'],
  fit: ['pad', 'squash'],
  pretext: ['mixed', 'simclr'],
  pretextFrom: ['base', 'net.pth'],
  pretextFromConfig: ['{"stride":"v1"}', 'other.json'],
  minutes: [3, 4],
  epochs: [77, 78],
  batch: [12, 8],
  chunk: [6, 4],
  policy: [presets.weak, presets['simclr-imagenet']],
  family: ['resnet', 'vit'],
  patch: [3, 4],
  blocks: [5, 7],
  depth: ['34', '18'],
  width: [12, 4],
  stem: ['imagenet', 'cifar'],
  optimizer: ['lars', 'adamw'],
  learningRate: [0.033, 0.044],
  momentum: [0.8, 0.7],
  weightDecay: [0.001, 0.002],
  warmup: [3, 4],
  precision: ['f32', 'f16'],
  targetError: [0.1, 0.2],
  methods: [['probe', 'knn'], ['probe']],
  folds: [3, 4],
  steps: [11, 12],
  fineTune: ['whole', 'last:2'],
  layerDecay: [0.5, 0.6],
  dropPath: [0.2, 0.3],
  draws: [1, 2],
  encoder: ['none', 'resnet50.pth'],
  weights: ['a.safetensors', 'b.safetensors'],
  encoderConfig: ['{}', 'config.json'],
  features: ['a.npy', 'b.npz'],
  featurePaths: ['a.txt', 'b.txt'],
  budget: [9, 10],
  randomShare: [0.5, 0.25],
  auditSize: [8, 9],
};

/** Two values of a kind that no pretext method has for its default. */
function unusualOf(kind: Kind): readonly [unknown, unknown] {
  if (kind.type === 'widths') return [[24, 6], [8]];
  if (kind.type === 'whole') return [kind.min + 1, kind.min + 3];
  if (kind.type === 'choice') return [kind.of.at(-1), kind.of[0]];
  if (kind.type === 'flag') return [true, false];
  return [0.7, 0.8];
}

const values: Readonly<Record<string, readonly [unknown, unknown]>> = {
  ...unusual,
  ...Object.fromEntries(Object.entries(methodSettings).map(([name, { kind }]) => [name, unusualOf(kind)])),
};
const names = Object.keys(keptSettings);
const usual: MethodName = 'mixed';

/** Settings that belong to some method alone are a run's where it is of one that has them. */
function unusualRun(method: MethodName): KeptSettings {
  const others = settingsOfOthers(pretextMethods[method]);
  const settings = names.filter((name) => !others.has(name)).map((name) => [name, values[name]![0]]);
  // Not every method can do a batch in parts.
  const whole = method !== usual && { chunk: values.batch![0] };
  return { ...Object.fromEntries(settings), ...whole, pretext: method } as unknown as KeptSettings;
}
/** Settings without those that are open. */
const told = (settings: object) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
const methods = Object.keys(pretextMethods) as MethodName[];
const ofMethods = new Set(Object.keys(methodSettings));
/** A method that has a setting. */
const methodWith = (name: string): MethodName =>
  !ofMethods.has(name) || !settingsOfOthers(pretextMethods[usual]).has(name)
    ? usual
    : methods.find((method) => !settingsOfOthers(pretextMethods[method]).has(name))!;

for (const method of methods) {
  test(`a run of ${method} with an unusual value of every setting is resumed with all of them by a command that leaves all open`, async () => {
    const first = unusualRun(method);
    const config = await started(first);
    assert.is(config.version, configVersion);
    assert.equal(told(settingsOfRun(config)), first);
    assert.equal(told(resumedSettings({ out: 'run', resume: true }, 'run', config)), first);
  });
}

for (const name of names.filter((each) => each !== 'minutes')) {
  test(`a resume that gives ${name} again changes nothing; one that gives another has that, and the run's other settings`, async () => {
    const first = unusualRun(methodWith(name));
    const config = await started(first);
    const [same, other] = values[name]!;
    assert.equal(told(resumedSettings({ [name]: same }, 'run', config)), first);
    // A chunk of the run's batch need not divide another.
    const { chunk, ...unchunked } = first;
    const rest = name === 'batch' ? unchunked : first;
    assert.equal(told(resumedSettings({ [name]: other }, 'run', config)), { ...rest, [name]: other });
  });
}

test('every size that the adapter chose is the run’s on resume, on whatever adapter', async () => {
  const settings = resolveSettings(keptSettings, { data: 'images', batch: 8, width: 4, epochs: 2 });
  const config = await started(settings);
  const resumed = resumedSettings({}, 'run', config);
  assert.is(resumed.chunk, 8);
  const options = optionsOf(settings);
  for (const flops of [1e8, 1e15]) assert.equal(optionsOf(resumed, flops), options);
  const limits = { pool: 40 };
  const plan = resumedPlan(planAt(resumed, 1e8), resumed, { ...config, limits });
  assert.equal([plan.limit, plan.testLimit], [40, undefined]);
  assert.is(resumedPlan(plan, { ...resumed, limit: 7 }, { ...config, limits }).limit, 7);
});

test('other minutes than the run was started with are refused, the same ones are not', async () => {
  const refusal = (given: number, before?: number) =>
    started({ ...defaults, minutes: before }).then((config) => {
      try {
        return resumedSettings({ minutes: given }, 'run', config).epochs;
      } catch (error) {
        return (error as UserError).message;
      }
    });
  assert.type(await refusal(3, 3), 'number');
  assert.match(
    String(await refusal(3, 2)),
    /^the run in run was started with minutes 2, not with minutes 3: leave minutes out/,
  );
  assert.match(String(await refusal(3)), /was started without them, not with minutes 3/);
});

test('a config.json without a version, as earlier programs wrote it, is read; one of a later version names that', async () => {
  const files = new MemoryFiles();
  const text = JSON.parse(JSON.stringify(await started(defaults)));
  const { version: _, ...before } = text;
  await files.writeAtomic('run/config.json', JSON.stringify(before));
  assert.is((await readConfig({ files }, 'run')).version, 0);
  await files.writeAtomic('run/config.json', JSON.stringify({ ...text, version: configVersion + 1 }));
  const refusal = await readConfig({ files }, 'run').catch((error) => error.message);
  assert.match(refusal, /newer version of kindred/);
});

test('a damaged config.json is refused with the place of the damage', async () => {
  const files = new MemoryFiles();
  const text = JSON.parse(JSON.stringify(await started(defaults)));
  for (const [change, place] of [
    [{ ...text, options: { ...text.options, momentum: 'much' } }, 'options.momentum'],
    [{ ...text, options: { ...text.options, seed: 1.5 } }, 'options.seed'],
    [{ ...text, settings: { ...text.settings, batch: -1 } }, 'settings.batch'],
    [{ ...text, settings: { ...text.settings, imageSize: 16_000 } }, 'settings.imageSize'],
    [{ ...text, settings: { ...text.settings, policy: { flip: 2 } } }, 'settings.policy'],
  ] as const) {
    await files.writeAtomic('run/config.json', JSON.stringify(change));
    const refusal = await readConfig({ files }, 'run').catch((error) => error.message);
    assert.match(refusal, `is damaged at ${place}`);
  }
});

test('a chunk stands in the options where it is smaller than the batches that the labels fill', () => {
  const supcon = { ...defaults, pretext: 'supcon', batch: 32 } as const;
  for (const given of [supcon, { ...supcon, chunk: 20 }, { ...supcon, chunk: 32 }]) {
    const options = optionsOf(given);
    assert.not('chunk' in options);
    assert.match(describePretext(40, options), /batches of 32$/);
  }
  assert.match(describePretext(40, optionsOf({ ...supcon, chunk: 10 })), /batches of 32 in chunks of 10$/);
});

test.after(() => engine.destroy());
test.run();
