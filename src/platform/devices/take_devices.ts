import { spawn } from 'node:child_process';
import { named, type Sentence, sentence, UserError } from '../../errors.ts';
import { launchOf, placeOf } from '../mpi/launch.ts';
import { type VulkanDevice, vulkanDevices } from './vulkan_devices.ts';

/** Set to 1 it lets several processes share one adapter, which serves to try things out alone. */
const sharing = 'KINDRED_SHARED_DEVICE';

/** What a process is told that a launcher of MPI started, which cannot start others in turn. */
const launchers = ['OMPI_COMM_WORLD_SIZE', 'PMI_SIZE'] as const;

/** See `Platform.takeDevices`. */
export async function takeDevices(wanted: number | 'all'): Promise<number | undefined> {
  if (process.platform !== 'linux')
    throw new UserError(
      sentence`several GPUs of one machine are told apart by Vulkan on Linux alone: leave ${named('devices')} out`,
    );
  const found = cards(await vulkanDevices());
  const shared = process.env[sharing] === '1';
  if (launchOf(process.env)) return bind(wanted, found, shared);
  const count = wanted === 'all' ? found.length : wanted;
  if (count > found.length && !shared) throw new UserError(tooFew(count, found));
  if (count === 1) return undefined;
  const alone = launchers.find((variable) => process.env[variable] !== undefined);
  if (alone)
    throw new UserError(
      sentence`${named('devices', `${wanted}`)}: mpirun started this process alone (${alone}): start ${count} ranks, or leave mpirun out`,
    );
  return startTogether(count);
}

/** Those that work is shared among: the cards, or else the processor's graphics, or else the software adapter. */
export function cards(found: readonly VulkanDevice[]): VulkanDevice[] {
  for (const kinds of [['discrete'], ['virtual', 'integrated', 'other']] as const) {
    const of = found.filter(({ kind }) => (kinds as readonly string[]).includes(kind));
    if (of.length === 0) continue;
    // Two drivers may offer one card. The order is the same for all processes, whatever each is let see first.
    const byPlace = new Map(of.toReversed().map((device) => [device.place, device]));
    return [...byPlace.values()].sort((a, b) => (a.place < b.place ? -1 : 1));
  }
  return found.slice(0, 1);
}

function tooFew(count: number, found: readonly VulkanDevice[]): Sentence {
  const [first] = found;
  const setting = named('devices', `${count}`);
  if (!first)
    return sentence`${setting}: Vulkan finds no adapter on this machine: install the driver of the GPUs' maker`;
  if (first.kind === 'cpu')
    return sentence`${setting}: this machine has no GPU, and its software adapter (${first.name}) works on all cores already: leave ${named('devices')} out`;
  const names = found.map(({ name }) => name).join(', ');
  return sentence`${setting}: this machine has ${found.length} (${names}): take so many, or all`;
}

/** Lets this process see its own adapter alone, as one of those that were started together on this machine. */
async function bind(
  wanted: number | 'all',
  found: readonly VulkanDevice[],
  shared: boolean,
): Promise<undefined> {
  const { local, neighbours } = placeOf(process.env);
  if (wanted !== 'all' && wanted !== neighbours)
    throw new UserError(
      sentence`${named('devices', `${wanted}`)}: ${neighbours} ranks were started on this machine: start as many as GPUs, or leave ${named('devices')} out`,
    );
  if (shared) return;
  const own = found[local];
  if (neighbours > found.length || !own)
    throw new UserError(
      sentence`${neighbours} ranks were started on this machine, and it shows them ${found.length} adapters: start as many ranks, or leave ${named('devices')} out where a scheduler shows each rank its own`,
    );
  if (found.length === 1) return;
  // Read by the device-select layer, which comes with Mesa and works for whichever driver.
  process.env.DRI_PRIME = `pci-${own.place}`;
  process.env.MESA_VK_DEVICE_SELECT_FORCE_DEFAULT_DEVICE = '1';
  const seen = await vulkanDevices();
  if (seen.length > 0 && seen.every(({ place }) => place === own.place)) return;
  throw new UserError(
    sentence`${named('devices')}: Vulkan shows each process all ${found.length} GPUs of this machine: install Mesa's layer that lets it see one alone (mesa-vulkan-drivers on Debian and Ubuntu)`,
  );
}

/** Signals that end a program, handed on to those that were started. */
const signals = ['SIGTERM', 'SIGUSR1', 'SIGINT'] as const;

/**
 * What Open MPI 4 and 5 are told: to bind no process to one core, to count no cores, and to do so as root, as in a
 * container. MPICH does all that by itself.
 */
const launcher = {
  OMPI_MCA_hwloc_base_binding_policy: 'none',
  OMPI_MCA_rmaps_base_oversubscribe: '1',
  PRTE_MCA_hwloc_default_binding_policy: 'none',
  PRTE_MCA_rmaps_default_mapping_policy: ':oversubscribe',
  OMPI_ALLOW_RUN_AS_ROOT: '1',
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
};

/** Starts this program so many times by mpirun. @returns its exit code at the end */
function startTogether(count: number): Promise<number> {
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('mpirun', ['-n', `${count}`, ...self], {
    stdio: 'inherit',
    env: { ...process.env, ...launcher },
  });
  // A terminal tells Ctrl-C to mpirun too.
  for (const signal of signals)
    process.removeAllListeners(signal).on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  return new Promise((resolve, reject) => {
    const missing = sentence`${named('devices', `${count}`)} starts one process for each by mpirun, which is not installed: install Open MPI (openmpi-bin and libopenmpi3 on Debian and Ubuntu) or MPICH (mpich)`;
    child.on('error', () => reject(new UserError(missing)));
    child.on('close', (code) => resolve(code ?? 1));
  });
}
