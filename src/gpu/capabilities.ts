import { type MatrixUnits, matrixFeature, matrixUnits } from './matrix_units.ts';

/** What the adapter is and offers: facts, by which kernels choose their tiles. */
export interface Capabilities {
  /** The maker's name as the adapter gives it, in lower case; may be empty. */
  readonly vendor: string;
  /** The family of chips as the adapter gives it; may be empty. */
  readonly architecture: string;
  /** The card's name, or what the adapter gives for it; may be empty. */
  readonly device: string;
  /** In Dawn the driver's name and version. */
  readonly description: string;
  /** A software adapter computes on the processor: its fast kernels differ from a graphics card's. */
  readonly driver: 'gpu' | 'llvmpipe' | 'swiftshader';
  /** WebGPU features that the device was opened with. */
  readonly features: ReadonlySet<string>;
  /** Most bytes of a buffer that a shader may see at once. */
  readonly maxBindingBytes: number;
  /** Lanes that every subgroup has at least; 0 where shaders may not use subgroups. */
  readonly subgroupMinSize: number;
  /** Bytes that a workgroup's lanes may share. */
  readonly workgroupBytes: number;
  /** Undefined where shaders may not use matrix units, or their subgroups have no fixed size. */
  readonly matrixUnits: MatrixUnits | undefined;
}

/**
 * What the adapter says that a shader may see at once; SwiftShader refuses a buffer as large as that with
 * VK_ERROR_OUT_OF_DEVICE_MEMORY, and makes one that is 256 bytes smaller.
 */
function bindingBytes(
  driver: Capabilities['driver'],
  { maxStorageBufferBindingSize: said }: GPUSupportedLimits,
): number {
  return driver === 'swiftshader' ? said - 256 : said;
}

/** What an adapter is and offers. @param features that its device is opened with */
export function describeAdapter(adapter: GPUAdapter, features: readonly string[]): Capabilities {
  const { vendor, architecture, description, device, subgroupMinSize } = adapter.info;
  const names = `${vendor} ${architecture} ${device} ${description}`.toLowerCase();
  const driver = names.includes('llvmpipe')
    ? 'llvmpipe'
    : names.includes('swiftshader')
      ? 'swiftshader'
      : 'gpu';
  return {
    vendor,
    architecture,
    device,
    description: description || device || architecture || vendor || 'unnamed adapter',
    driver,
    features: new Set(features),
    maxBindingBytes: bindingBytes(driver, adapter.limits),
    workgroupBytes: adapter.limits.maxComputeWorkgroupStorageSize,
    matrixUnits: features.includes(matrixFeature) ? matrixUnits(adapter.info) : undefined,
    subgroupMinSize: features.includes('subgroups') ? subgroupMinSize : 0,
  };
}
