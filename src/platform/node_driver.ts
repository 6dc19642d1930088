import { existsSync } from 'node:fs';
import { availableParallelism, constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { NoAdapterError, UserError } from '../errors.ts';
import { placeOf } from './mpi/launch.ts';
import { cacheFolder } from './node_cache.ts';
import { freeMemory } from './node_memory.ts';
import { isCheckout, packageRoot } from './node_package.ts';
import type { GpuAccess } from './platform.ts';

/**
 * `allow_unsafe_apis` exposes subgroup matrices; without `timestamp_quantization` switched off, Dawn rounds GPU
 * timestamps to 65,536 ns, which is longer than most kernels.
 */
const dawnFlags = ['enable-dawn-features=allow_unsafe_apis', 'disable-dawn-features=timestamp_quantization'];

/** WebGPU in Node through Dawn: a real GPU if the system has one, else llvmpipe, else the set-up's SwiftShader. */
export const nodeGpu: GpuAccess = access(chooseGpu);

/**
 * Dawn's null backend: compiles and validates every shader, with f16, subgroups and subgroup matrices, on any
 * machine. It executes nothing, so what its buffers hold means nothing.
 */
export function nullGpu(): GpuAccess {
  return access(async () => (await loadDawn())([...dawnFlags, 'backend=null']));
}

function access(open: () => Promise<GPU>): GpuAccess {
  let opened: Promise<GPU> | undefined;
  return {
    async requestAdapter() {
      opened ??= open();
      // Dawn sorts by kind for 'high-performance': discrete, integrated, software.
      const adapter = await (await opened).requestAdapter({ powerPreference: 'high-performance' });
      if (!adapter) throw new NoAdapterError(missingAdapter('any'));
      return adapter;
    },
    wait,
    freeMemory,
  };
}

async function chooseGpu(): Promise<GPU> {
  const wanted = process.env.KINDRED_DRIVER || 'any';
  if (!['any', 'system', 'swiftshader'].includes(wanted)) {
    throw new UserError(`KINDRED_DRIVER is "${wanted}": set it to system or swiftshader, or unset it.`);
  }
  // Mesa prints an error for every instance where this is unset.
  if (process.platform === 'linux') process.env.XDG_RUNTIME_DIR ||= tmpdir();
  // llvmpipe would take a thread a core for each of the processes that share them.
  const { neighbours } = placeOf(process.env);
  if (neighbours > 1)
    process.env.LP_NUM_THREADS ||= `${Math.max(1, Math.floor(availableParallelism() / neighbours))}`;
  const create = await loadDawn();
  // Without a Vulkan loader Dawn would find nothing, and print that for every instance.
  if (wanted !== 'swiftshader' && (process.platform !== 'linux' || mapLibrary('libvulkan.so.1', 0))) {
    const gpu = create(dawnFlags);
    if (await gpu.requestAdapter({ powerPreference: 'high-performance' })) return gpu;
  }
  if (wanted === 'system' || !switchToSwiftShader()) throw new NoAdapterError(missingAdapter(wanted));
  return create(dawnFlags);
}

async function loadDawn(): Promise<(flags: string[]) => GPU> {
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    return create;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new NoAdapterError(
      `WebGPU cannot be loaded here (${reason}): ${isCheckout() ? 'run "npm run setup"' : 'install the package anew'}, on Linux with glibc (Debian 12, Ubuntu 22.04 or newer), on macOS or on Windows.`,
    );
  }
}

/**
 * Makes Dawn's next instance use the SwiftShader that the set-up unpacked. Dawn opens the Vulkan loader by its bare
 * name, which finds a library of that name that is mapped already; so this maps the loader that lies beside
 * SwiftShader. A loader reads its environment whenever an instance is created.
 * @returns false where there is no SwiftShader
 */
function switchToSwiftShader(): boolean {
  const folder = join(driverFolder(), 'swiftshader');
  const manifest = join(folder, 'vk_swiftshader_icd.json');
  if (!existsSync(manifest) || !mapLibrary(join(folder, 'libvulkan.so.1'), noDelete)) return false;
  process.env.VK_ICD_FILENAMES = manifest;
  process.env.VK_DRIVER_FILES = manifest;
  return true;
}

/** Where setup/driver.mjs unpacks the driver. */
const driverFolder = (): string => (isCheckout() ? join(packageRoot(), '.driver') : cacheFolder());

/** RTLD_NODELETE of Linux, which Node does not name: the library stays mapped when Node closes it again. */
const noDelete = 0x1000;

/**
 * Maps a shared library into this process, with Node's only way to do so, which is meant for its own add-ons.
 * @returns whether the library could be loaded
 */
function mapLibrary(path: string, flags: number): boolean {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, path, RTLD_NOW | RTLD_GLOBAL | flags);
    return true;
  } catch (error) {
    // A library that is loaded, but is no add-on, is refused only now.
    return error instanceof Error && error.message.includes('did not self-register');
  }
}

function missingAdapter(wanted: string): string {
  const found =
    wanted === 'any'
      ? 'No WebGPU adapter was found'
      : `KINDRED_DRIVER=${wanted}: no WebGPU adapter was found`;
  if (process.platform === 'darwin') return `${found}: macOS 13 or newer with Metal is needed.`;
  if (process.platform === 'win32') return `${found}: install the graphics driver of the GPU's maker.`;
  return `${found}: ${isCheckout() ? waysInCheckout : waysInstalled}; or install the Vulkan driver of the GPU's maker.`;
}

const waysInCheckout =
  'run "npm run setup", which fetches a software driver (Linux on x64); or, as root, "npm run setup:system", which installs a faster one';
const waysInstalled =
  'run "npx kindred doctor", which fetches a software driver (Linux on x64); or install a faster one, Mesa 23 or newer (libvulkan1 and mesa-vulkan-drivers on Debian and Ubuntu)';

const shortestPause = 0.05;
const longestPause = 2;
/** A pause is at most a fifth of the time waited so far, so waiting ends at most a fifth, or 2 ms, too late. */
const pauseGrowth = 1.25;

const never = new Int32Array(new SharedArrayBuffer(4));
let waiting = 0;
let pause = shortestPause;
let polling = false;

async function wait<T>(pending: Promise<T>): Promise<T> {
  waiting++;
  pause = shortestPause;
  if (!polling) {
    polling = true;
    setImmediate(poll);
  }
  try {
    return await pending;
  } finally {
    waiting--;
    pause = shortestPause;
  }
}

/** Dawn polls once each turn of the event loop; one sleep each turn, however many promises are awaited. */
function poll(): void {
  if (waiting === 0) {
    polling = false;
    return;
  }
  Atomics.wait(never, 0, 0, pause);
  pause = Math.min(pause * pauseGrowth, longestPause);
  setImmediate(poll);
}
