import type { Command } from 'commander';
import { Engine } from '../autograd/engine.ts';
import { adapterName } from '../gpu/device.ts';
import { terminal } from '../platform/node_terminal.ts';
import { describeAdapter } from './session.ts';
import { measureAgain } from './speed_cache.ts';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'the adapter, its features, limits and measured speed; what to install where something is missing',
    )
    .option('--json', 'one JSON object instead of lines')
    .action(run);
}

async function run(options: { json?: boolean }): Promise<void> {
  const engine = await Engine.create();
  try {
    const { capabilities, device } = engine.gpu;
    const speed = await measureAgain(engine);
    const { maxBufferSize, maxStorageBuffersPerShaderStage, maxComputeWorkgroupStorageSize } = device.limits;
    const report = {
      adapter: adapterName(capabilities),
      vendor: capabilities.vendor,
      architecture: capabilities.architecture,
      driver: capabilities.driver,
      features: [...capabilities.features],
      limits: {
        maxBindingBytes: capabilities.maxBindingBytes,
        maxBufferSize,
        maxStorageBuffersPerShaderStage,
        maxComputeWorkgroupStorageSize,
      },
      gflops: Number((speed.flops / 1e9).toFixed(1)),
      gigabytesPerSecond: Number((speed.bandwidth / 1e9).toFixed(1)),
      kernelChoices: engine.choices.counts,
      versions: terminal.versions(),
    };
    if (options.json) {
      terminal.print(JSON.stringify(report, null, 2));
      return;
    }
    terminal.print(`adapter      ${describeAdapter(capabilities)}`);
    terminal.print(`vendor       ${report.vendor} ${report.architecture}`);
    terminal.print(`features     ${report.features.join(', ') || 'none of those kindred uses'}`);
    for (const [name, value] of Object.entries(report.limits))
      terminal.print(`limit        ${name} ${value}`);
    terminal.print(`multiply-add ${report.gflops} GFLOP/s`);
    terminal.print(`copying      ${report.gigabytesPerSecond} GB/s, read and written`);
    const { measured, shipped } = report.kernelChoices;
    terminal.print(
      `kernels      tuned for ${measured + shipped} classes of shapes: ${measured} here, ${shipped} as shipped`,
    );
    terminal.print(`node         ${report.versions.node} on ${report.versions.platform}`);
  } finally {
    engine.destroy();
  }
}
