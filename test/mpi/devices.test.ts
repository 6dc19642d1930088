import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cards } from '../../src/platform/devices/take_devices.ts';
import { type VulkanDevice, vulkanDevices } from '../../src/platform/devices/vulkan_devices.ts';
import { placeOf } from '../../src/platform/mpi/launch.ts';
import { inFolder, runKindred, stripedImages } from '../cli/support.ts';
import { testIf } from '../support.ts';
import { hasMpi, withoutMpi } from './launched.ts';

// Several GPUs of one machine, each by a process of its own. Where there is one adapter, two processes may be told to share it.

const images = stripedImages('images', 3);
const pretrain = (...more: string[]) => ['pretrain', '--data', 'images', '--out', 'run', ...more];
const shared = { KINDRED_SHARED_DEVICE: '1' };
const withoutVulkan = 'the system has no Vulkan driver';
const hasVulkan = process.platform === 'linux' && (await vulkanDevices()).length > 0;

const device = (kind: VulkanDevice['kind'], place: string): VulkanDevice => ({ name: 'one', kind, place });

test('work is shared among cards in the order of the bus, not with the processor’s graphics or a software adapter', () => {
  const [software, built] = [device('cpu', '0000_00_00_0'), device('integrated', '0000_00_02_0')];
  const [first, second] = [device('discrete', '0000_10_00_0'), device('discrete', '0000_8a_00_0')];
  assert.equal(cards([second, built, software, first]), [first, second]);
  assert.equal(cards([first, { ...first, name: 'by another driver' }]), [first]);
  assert.equal(cards([software, built]), [built]);
  assert.equal(cards([software]), [software]);
  assert.equal(cards([]), []);
});

test('a launcher says which of a machine’s processes this one is', () => {
  const none = { local: 0, neighbours: 1 };
  assert.equal(placeOf({}), none);
  assert.equal(placeOf({ OMPI_COMM_WORLD_LOCAL_SIZE: '4', OMPI_COMM_WORLD_LOCAL_RANK: '3' }), {
    ...{ local: 3, neighbours: 4 },
  });
  assert.equal(placeOf({ MPI_LOCALNRANKS: '2', MPI_LOCALRANKID: '1' }), { local: 1, neighbours: 2 });
  assert.equal(placeOf({ SLURM_STEP_TASKS_PER_NODE: '2(x3),1', SLURM_LOCALID: '1' }), {
    ...{ local: 1, neighbours: 2 },
  });
  assert.equal(placeOf({ SLURM_STEP_TASKS_PER_NODE: '1(x3)', SLURM_LOCALID: '0' }), none);
});

testIf(hasVulkan, withoutVulkan, 'more GPUs than there are, or no number of them, is refused', () =>
  inFolder(images, async (folder) => {
    const [many, words] = [
      await runKindred(folder, pretrain('--devices', '99')),
      await runKindred(folder, pretrain('--devices', 'both')),
    ];
    assert.is(many.code, 2, many.stderr);
    assert.match(many.stderr, /^kindred: --devices 99: this machine has \S.*$/m);
    assert.is(words.code, 2, words.stderr);
    assert.match(words.stderr, /--devices is "both": say how many, or all/);
    assert.not.ok(existsSync(join(folder, 'run')));
  }),
);

testIf(hasVulkan, withoutVulkan, 'without mpirun, or inside it, several GPUs say what to do', () =>
  inFolder(images, async (folder) => {
    const inside = await runKindred(folder, pretrain('--devices', '2'), {
      ...shared,
      OMPI_COMM_WORLD_SIZE: '1',
    });
    assert.is(inside.code, 2, inside.stderr);
    assert.match(
      inside.stderr,
      /--devices 2: mpirun started this process alone \(OMPI_COMM_WORLD_SIZE\): start 2 ranks/,
    );
    const { code, stderr } = await runKindred(folder, pretrain('--devices', '2'), {
      ...shared,
      PATH: '/nowhere',
    });
    assert.is(code, 2, stderr);
    assert.match(
      stderr,
      /--devices 2 starts one process for each by mpirun, which is not installed: install Open MPI/,
    );
  }),
);

testIf(hasMpi && hasVulkan, withoutMpi, 'two devices are two ranks, and end as their ranks do', () =>
  inFolder(images, async (folder) => {
    const odd = pretrain('--devices', '2', '--width', '2', '--image-size', '16', '--no-tune', '--batch', '3');
    const { code, stderr } = await runKindred(folder, odd, shared);
    assert.is(code, 2, stderr);
    assert.match(stderr, /a batch of 3 images makes no equal shares of two and more for 2 ranks/);
  }),
);

test.run();
