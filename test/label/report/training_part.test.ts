import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { View } from '../../../src/label/report/elements.ts';
import { html } from '../../../src/label/report/html.ts';
import { trainingPart } from '../../../src/label/report/parts/training_part.ts';
import { pretextMethods } from '../../../src/pretext/registry.ts';
import { epochsOf, type TrainingRecord, trainingRecord } from '../../../src/pretext/training_record.ts';

const options = { encoder: { width: 64, stem: 'cifar' }, batch: 32 } as const;
const epochs = [0, 1, 2].map((epoch) => ({
  ...{
    epoch,
    step: 9 * (epoch + 1),
    loss: 4 - epoch,
    contrastiveTop1: 0.25 * epoch,
    positiveSimilarity: 0.5,
  },
  ...{
    chanceLoss: Math.log(63),
    featureStd: 0.031,
    effectiveRank: 12.3,
    knnAccuracy: 0.4,
    learningRate: 0.1,
  },
}));

function shown(training: TrainingRecord): { text: string; document: Document } {
  const body = html`<main>${trainingPart({ report: { training } } as View).body}</main>`;
  const { document } = parseHTML(`<html><body>${body.text}</body></html>`);
  return { text: document.body.textContent!.replace(/\s+/g, ' ').trim(), document };
}

const of = (method: string, figures = epochs) => shown(trainingRecord({ ...options, method }, figures));
const heads = (document: Document) =>
  [...document.querySelectorAll('thead th')].map(({ textContent }) => textContent);

for (const { name, title, reference, learning, learnsFromLabels, metrics } of Object.values(pretextMethods)) {
  test(`of ${name} it says truly whether labels taught the encoder, and what each metric means`, () => {
    const { text } = of(name);
    assert.match(text, `by ${learning} (${title}: ${reference})`);
    assert.is(text.includes('without any label'), !learnsFromLabels);
    assert.is(text.includes('from 3 epochs with the given labels'), learnsFromLabels);
    assert.is(text.includes('which checks little: the encoder learned from these labels'), learnsFromLabels);
    for (const { meaning } of metrics) assert.ok(meaning.length > 30 && text.includes(meaning));
  });
}

test('pictures of a method that draws them are in the page itself, with what each row shows', () => {
  const picture = Uint8Array.of(137, 80, 78, 71, 255, 0);
  const { document, text } = shown(trainingRecord({ ...options, method: 'masked' }, epochs, { picture }));
  const image = document.querySelector('img')!;
  assert.is(image.getAttribute('src'), `data:image/png;base64,${Buffer.from(picture).toString('base64')}`);
  assert.match(text, 'From the top: images; what the encoder saw of them; its reconstruction of hidden');
  const none = shown(trainingRecord({ ...options, method: 'simclr' }, epochs, { picture }));
  assert.is(none.document.querySelector('img'), null);
});

test('of simclr it shows loss and chance, views and neighbours, and the signs of a collapse', () => {
  const { text, document } = of('simclr');
  assert.match(text, 'by telling two altered views of an image from views of others');
  assert.match(text, 'At the end its loss was 2.00, where pure chance gives 4.14.');
  assert.match(
    text,
    'By their nearest neighbours alone, 40.0% of labelled images would be named rightly. A collapsed',
  );
  assert.match(text, 'here they are 0.0310 and 12.3.');
  // 63 other views in a batch of 32 images.
  assert.match(text, 'At the end it was 50.0%, where pure chance gives 1.6%.');
  const captions = [...document.querySelectorAll('figcaption')].map((caption) =>
    caption.textContent!.replace(/\s+/g, ' ').trim(),
  );
  assert.equal(captions, [
    'loss chance',
    'the other view found first nearest neighbours',
    'feature standard deviation',
    'effective rank collapsed',
  ]);
  assert.equal(heads(document), [
    ...['Epoch', 'Loss', 'Chance', 'The other view found first', 'Similarity of the two views'],
    ...['Feature std', 'Effective rank', 'Neighbours'],
  ]);
});

test('figures that no epoch has are neither drawn nor tabled', () => {
  const bare = epochs.map(({ epoch, loss }) => ({ epoch, loss, knnAccuracy: null }));
  const { text, document } = shown(trainingRecord({ ...options, method: 'simclr' }, bare));
  assert.is(document.querySelectorAll('svg.plot').length, 1);
  assert.equal(heads(document), ['Epoch', 'Loss']);
  assert.not.match(text, /neighbours|collapsed|chance|NaN|null|undefined/);
});

test('epochs come from metrics.jsonl without their timings; steps, torn lines and losses that are none are left out', () => {
  const [first, second] = epochs.map((epoch) => ({ event: 'epoch', ...epoch, imagesPerSecond: 7 }));
  const lines = [
    ...[{ event: 'step', epoch: 0, loss: 4 }, first, { ...second, loss: null }, { ...second, name: 'x' }],
    second,
  ].map((line) => JSON.stringify(line));
  assert.equal(epochsOf(`${lines.join('\n')}\nnull\n{"event":"epo`), epochs.slice(0, 2));
});

test.run();
