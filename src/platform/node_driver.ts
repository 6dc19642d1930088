import { existsSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NoAdapterError, UserError } from '../errors.ts';
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
      if (!adapter) throw new NoAdapterError(missingAdapter());
      return adapter;
    },
    wait,
  };
}

async function chooseGpu(): Promise<GPU> {
  const wanted = process.env.KINDRED_DRIVER || 'any';
  if (!['any', 'system', 'swiftshader'].includes(wanted)) {
    throw new UserError(`KINDRED_DRIVER is "${wanted}": set it to system or swiftshader, or unset it.`);
  }
  // Mesa prints an error for every instance where this is unset.
  if (process.platform === 'linux') process.env.XDG_RUNTIME_DIR ||= tmpdir();
  const create = await loadDawn();
  if (wanted !== 'swiftshader') {
    const gpu = create(dawnFlags);
    if (await gpu.requestAdapter({ powerPreference: 'high-performance' })) return gpu;
  }
  const folder = swiftShaderFolder();
  if (wanted !== 'system' && existsSync(join(folder, 'vk_swiftshader_icd.json'))) switchToSwiftShader(folder);
  else if (wanted === 'swiftshader') {
    throw new NoAdapterError(`KINDRED_DRIVER is swiftshader, but ${folder} is missing: run "npm run setup".`);
  }
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
      `WebGPU cannot be loaded here (${reason}): run "npm run setup", on Linux with glibc (Debian 12, Ubuntu 22.04 or newer), on macOS or on Windows.`,
    );
  }
}

/** Where the set-up unpacks the software driver: `.driver/swiftshader` beside this package's package.json. */
function swiftShaderFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, '.driver', 'swiftshader');
}

/**
 * Makes Dawn's next instance use SwiftShader. Dawn opens the Vulkan loader by its bare name, which finds a library
 * of that name that is mapped already; so this maps the loader that lies beside SwiftShader, where the system has
 * none. The loader reads its environment when an instance is created.
 */
function switchToSwiftShader(folder: string): void {
  try {
    process.dlopen(
      { exports: {} },
      join(folder, 'libvulkan.so.1'),
      constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL,
    );
  } catch {
    // Always thrown, 'Module did not self-register', since the library is no Node module; it stays mapped. Were it
    // unusable, Dawn would find no adapter and say so.
  }
  const manifest = join(folder, 'vk_swiftshader_icd.json');
  process.env.VK_ICD_FILENAMES = manifest;
  process.env.VK_DRIVER_FILES = manifest;
}

function missingAdapter(): string {
  if (process.platform === 'darwin')
    return 'No WebGPU adapter was found: macOS 13 or newer with Metal is needed.';
  if (process.platform === 'win32')
    return 'No WebGPU adapter was found: install the graphics driver of your GPU’s maker.';
  return 'No WebGPU adapter was found: run "npm run setup" to fetch a software driver (Linux on x64), or as root "npm run setup -- --system" to install Mesa\'s faster one, or install the Vulkan driver of your GPU\'s maker.';
}

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
