import { Engine } from '../../autograd/engine.ts';
import { adapterName } from '../../gpu/device.ts';
import { describeAdapter } from '../engine.ts';
import { measureAgain } from '../plan/speed_cache.ts';
import type { JobContext } from '../reporter.ts';

/** What the adapter is, allows, and reaches. */
export interface AdapterReport {
  /** The adapter's name. */
  readonly adapter: string;
  /** The adapter with what would be faster, in words. */
  readonly description: string;
  /** The maker, as WebGPU tells it: `nvidia`, `mesa`. */
  readonly vendor: string;
  /** The family of the hardware, as WebGPU tells it; empty where it tells none. */
  readonly architecture: string;
  /** `llvmpipe`, `swiftshader` or `gpu`. */
  readonly driver: string;
  /** WebGPU features that kindred uses where they are there. */
  readonly features: readonly string[];
  /** WebGPU's limits on which sizes depend, in bytes or numbers, by their names. */
  readonly limits: Readonly<Record<string, number>>;
  /** Multiply-adds as two operations, in billions a second. */
  readonly gflops: number;
  /** Copied bytes, read and written, in billions a second. */
  readonly gigabytesPerSecond: number;
  /** Classes of shapes whose fastest kernel was measured here, or comes with kindred. */
  readonly kernelChoices: { readonly measured: number; readonly shipped: number };
  /** Versions of kindred and of what it runs on, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Opens the adapter and measures it anew. @throws NoAdapterError saying what to install where there is none */
export async function inspectAdapter({ reporter, versions }: JobContext): Promise<AdapterReport> {
  const engine = await Engine.create();
  try {
    const { capabilities, device } = engine.gpu;
    const speed = await measureAgain(engine, reporter);
    const { maxBufferSize, maxStorageBuffersPerShaderStage, maxComputeWorkgroupStorageSize } = device.limits;
    return {
      adapter: adapterName(capabilities),
      description: describeAdapter(capabilities),
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
      versions,
    };
  } finally {
    engine.destroy();
  }
}
