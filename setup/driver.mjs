// Finds out whether Dawn sees an adapter here and, on Linux, fetches the software driver SwiftShader where it does not.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { driverFolder, fingerprint, npm, readText, root, SetupError, say, writeText } from './tools.mjs';

/** An npm package that carries SwiftShader (Apache-2.0) and a Vulkan loader, as its newest version on Node 20. */
const carrier = {
  name: '@sparticuz/chromium@147.0.0',
  integrity:
    'sha512-4ZKeAQQa8up2mt675qSitztLdbQrlf8BKdC5naeap+5Mv1OV1OlJdPoU+EJC/p5sQUJUQmN4r+q5+EhaaOUHpQ==',
  archive: 'package/bin/swiftshader.tar.br',
  files: ['libvk_swiftshader.so', 'libvulkan.so.1', 'vk_swiftshader_icd.json'],
};

const swiftShader = join(driverFolder, 'swiftshader');
const probeFile = join(driverFolder, 'probe.json');

/**
 * Asks Dawn which adapter the system itself offers, in a process of its own because a driver can crash.
 * @returns {{ name: string, software: boolean } | null | undefined} null for none, undefined where Dawn does not run
 */
export function probeSystem() {
  const script = `
    const { create } = await import('webgpu');
    const info = (await create([]).requestAdapter({ powerPreference: 'high-performance' }))?.info;
    console.log(JSON.stringify(info ? { name: info.description || info.device, software: info.isFallbackAdapter } : null));`;
  const options = { cwd: root, encoding: 'utf8', timeout: 60_000 };
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], options);
  return result.status === 0 ? JSON.parse(result.stdout) : undefined;
}

/** What decides which adapters Dawn finds: loader, drivers, devices, and the environment that points to them. */
function probeKey() {
  const shares = [
    '/usr/share',
    '/usr/local/share',
    '/etc',
    join(process.env.HOME ?? '/root', '.local/share'),
  ];
  const files = fingerprint([
    ...shares.map((share) => join(share, 'vulkan/icd.d')),
    '/etc/ld.so.cache',
    '/proc/driver/nvidia/version',
    dawn(),
  ]);
  const devices = existsSync('/dev/dri') ? readdirSync('/dev/dri').sort() : [];
  const environment = Object.entries(process.env)
    .filter(([name]) => /^(VK_|LD_LIBRARY_PATH$|XDG_DATA_|LIBGL_|MESA_|CUDA_VISIBLE_|NVIDIA_)/.test(name))
    .map((pair) => pair.join('='))
    .sort();
  return JSON.stringify([files, devices, environment]);
}

/** The file of the Dawn that this package uses: a package manager may keep it in any folder above. */
function dawn() {
  try {
    return createRequire(join(root, 'package.json')).resolve('webgpu');
  } catch {
    return join(root, 'node_modules', 'webgpu');
  }
}

/** Whether the software driver has to be fetched. The probe's answer is kept until something it depends on changes. */
export function needsDriver() {
  if (process.platform !== 'linux' || process.arch !== 'x64' || existsSync(swiftShader)) return false;
  if (process.env.KINDRED_DRIVER === 'swiftshader') return true;
  if (process.env.KINDRED_DRIVER === 'system') return false;
  const key = probeKey();
  const known = JSON.parse(readText(probeFile) ?? '{}');
  if (known.key === key) return known.adapter === null;
  const adapter = probeSystem();
  // Where Dawn does not even run, the program that needs it says why.
  if (adapter === undefined) return false;
  keepProbe(JSON.stringify({ key, adapter }));
  return adapter === null;
}

/** Where the answer cannot be kept, the next program asks again: no reason to stop. */
function keepProbe(text) {
  try {
    mkdirSync(driverFolder, { recursive: true });
    writeText(probeFile, text);
  } catch (error) {
    if (!error.syscall) throw error;
  }
}

/** Fetches the carrier through npm, checks it, and unpacks the driver to `swiftshader` in the driver's folder. */
export function fetchDriver() {
  say(`fetching the software driver SwiftShader (68 MB, once) to ${swiftShader}`);
  const work = join(driverFolder, 'fetch.tmp');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  try {
    const args = ['pack', carrier.name, '--pack-destination', work, '--ignore-scripts'];
    const packed = npm(args).status === 0 && readdirSync(work).find((name) => name.endsWith('.tgz'));
    if (!packed)
      throw new SetupError(`${carrier.name} could not be fetched, so there is no software driver.`);
    const tarball = readFileSync(join(work, packed));
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    if (integrity !== carrier.integrity) {
      throw new SetupError(
        `${carrier.name} came as ${integrity}, not as ${carrier.integrity}: it was left unused.`,
      );
    }
    const fresh = join(work, 'swiftshader');
    mkdirSync(fresh);
    const driver = brotliDecompressSync(entry(gunzipSync(tarball), carrier.archive));
    for (const name of carrier.files) writeFileSync(join(fresh, name), entry(driver, name));
    renameSync(fresh, swiftShader);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The bytes of one file in a tar archive: 512-byte headers with the name at 0, the octal size at 124 and, in the
 * ustar format, the first part of a long path at 345; contents padded to 512 (POSIX.1-1988).
 */
function entry(tar, wanted) {
  const text = (start, length) => tar.toString('latin1', start, start + length).split('\0', 1)[0];
  for (let header = 0; header + 512 <= tar.length && tar[header] !== 0; ) {
    const prefix = text(header + 257, 5) === 'ustar' ? text(header + 345, 155) : '';
    const path = (prefix ? `${prefix}/` : '') + text(header, 100);
    const size = Number.parseInt(text(header + 124, 12), 8);
    const start = header + 512;
    if (path.replace(/^\.\//, '') === wanted) return tar.subarray(start, start + size);
    header = start + Math.ceil(size / 512) * 512;
  }
  throw new SetupError(`${carrier.name} lacks ${wanted}: it was left unused.`);
}
