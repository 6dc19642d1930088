// `node setup.mjs --system`: installs the Vulkan loader and Mesa's software driver (llvmpipe), which is several times
// faster than SwiftShader, or prints the commands where it may not or knows no package manager.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBackports, readSources } from './apt_sources.mjs';
import { probeSystem } from './driver.mjs';
import { readText, SetupError, say } from './tools.mjs';

const install = 'apt-get install -y --no-install-recommends';
const packages = 'libvulkan1 mesa-vulkan-drivers';

/** Installs what is missing; says each command before it runs. */
export function installSystemDriver() {
  const adapter = probeSystem();
  if (adapter && !/swiftshader/i.test(adapter.name))
    return say(`nothing to install: Dawn already finds ${adapter.name}`);
  if (process.platform !== 'linux')
    throw new SetupError('nothing to install here: macOS and Windows bring their own drivers.');
  const release = osRelease();
  const steps = release.isApt ? aptSteps(release) : undefined;
  if (!steps || process.getuid() !== 0) {
    const commands = steps?.map(asCommand) ?? otherCommands(release);
    throw new SetupError(
      `${steps ? 'only root may install packages' : 'this system is neither Debian nor Ubuntu'}; run:\n${commands.join('\n')}`,
    );
  }
  for (const step of steps) {
    say(step.command ?? `writing ${step.file}`);
    if (step.file) writeFileSync(step.file, step.text);
    else run(step.command);
  }
  const found = probeSystem();
  if (!found) throw new SetupError('the packages are installed, but Dawn still finds no adapter.');
  say(`Dawn now finds ${found.name}`);
}

/**
 * Debian 12's own Mesa, 22.3, lacks what Dawn requires (dynamically indexed arrays); its backports have a newer one.
 * They come from the archive that the system's own sources name.
 */
function aptSteps({ isBookworm }) {
  if (!isBookworm) return [{ command: 'apt-get update' }, { command: `${install} ${packages}` }];
  const backports = findBackports(systemSources(), 'bookworm');
  if (!backports) {
    throw new SetupError(
      "Debian 12's Mesa is too old for Dawn, and none of apt's sources is Debian's own archive: add bookworm-backports to them and run this again.",
    );
  }
  const { form, text } = backports;
  return [
    ...(backports.known ? [] : [{ file: `${sourcesFolder}/kindred-backports.${form}`, text }]),
    { command: 'apt-get update' },
    { command: `${install} -t bookworm-backports ${packages}` },
  ];
}

const sourcesFolder = '/etc/apt/sources.list.d';

function systemSources() {
  const files = ['/etc/apt/sources.list', ...names(sourcesFolder).map((name) => join(sourcesFolder, name))];
  return files.flatMap((file) => readSources(file, readText(file) ?? ''));
}

function names(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function asCommand({ command, file, text }) {
  return command ? `  sudo ${command}` : `  printf '%s' '${text}' | sudo tee ${file} > /dev/null`;
}

function otherCommands({ names }) {
  if (names.includes('fedora') || names.includes('rhel'))
    return ['  sudo dnf install vulkan-loader mesa-vulkan-drivers'];
  if (names.includes('arch')) return ['  sudo pacman -S vulkan-icd-loader vulkan-swrast'];
  if (names.includes('suse')) return ['  sudo zypper install libvulkan1 libvulkan_lvp'];
  return [
    '  (your package manager) install a Vulkan loader and Mesa 23 or newer with its software driver, lavapipe',
  ];
}

function osRelease() {
  const text = readText('/etc/os-release') ?? '';
  const value = (name) => text.match(new RegExp(`^${name}="?([^"\n]*)"?$`, 'm'))?.[1] ?? '';
  const names = [value('ID'), ...value('ID_LIKE').split(' ')];
  const isApt = names.includes('debian') || names.includes('ubuntu');
  return { names, isApt, isBookworm: value('ID') === 'debian' && value('VERSION_ID') === '12' };
}

function run(command) {
  const [program, ...args] = command.split(' ');
  const options = {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  if (spawnSync(program, args, options).status !== 0)
    throw new SetupError(`"${command}" failed; its reason stands above.`);
}
