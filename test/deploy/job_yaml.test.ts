import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { projectRoot } from '../support.ts';

const text = readFileSync(join(projectRoot, 'deploy/shards.job.yaml'), 'utf8');
const job = parse(text);

test('the Indexed Job is one by the schema of the Kubernetes API', async () => {
  await new Job(job).validate();
  const wrong = { ...job, spec: { ...job.spec, completions: '16' } };
  assert.throws(() => new Job(wrong).validate(), /completions must be integer/);
});

test('what the API checks beyond its schema holds', () => {
  const { spec } = job;
  const { containers, restartPolicy } = spec.template.spec;
  assert.is(spec.completionMode, 'Indexed');
  // Tries of each index, and rules about failures, need pods that are not restarted in place.
  assert.is(restartPolicy, 'Never');
  assert.ok(spec.backoffLimitPerIndex >= 1 && spec.maxFailedIndexes <= spec.completions);
  const names = containers.map(({ name }: { name: string }) => name);
  for (const { action, onExitCodes } of spec.podFailurePolicy.rules) {
    assert.ok(['FailIndex', 'Ignore'].includes(action));
    if (onExitCodes) assert.ok(names.includes(onExitCodes.containerName));
  }
  const volumes = spec.template.spec.volumes.map(({ name }: { name: string }) => name);
  for (const { name } of containers[0].volumeMounts) assert.ok(volumes.includes(name));
});

test('it has no field but those that are meant: the schema lets a misspelt one pass', () => {
  const fields = new Set<string>();
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) collect(item);
    else if (value !== null && typeof value === 'object')
      for (const [name, inner] of Object.entries(value)) {
        fields.add(name);
        collect(inner);
      }
  };
  collect(job);
  const known =
    'apiVersion kind metadata name spec completionMode completions parallelism backoffLimitPerIndex maxFailedIndexes podFailurePolicy rules action onExitCodes containerName operator values onPodConditions type status template restartPolicy terminationGracePeriodSeconds containers image args resources requests cpu memory limits volumeMounts mountPath volumes persistentVolumeClaim claimName';
  assert.equal(
    [...fields].filter((name) => !known.split(' ').includes(name)),
    [],
  );
});

test.run();
