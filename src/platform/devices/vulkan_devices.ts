import { UserError } from '../../errors.ts';

/** A device that the system's Vulkan drivers offer. */
export interface VulkanDevice {
  /** As its driver calls it. */
  readonly name: string;
  /** Which kind it is, as Vulkan counts them. */
  readonly kind: 'other' | 'integrated' | 'discrete' | 'virtual' | 'cpu';
  /** Its place on the bus, which two of one make differ in: `0000_01_00_0`; of a software adapter zeros. */
  readonly place: string;
}

const kinds = ['other', 'integrated', 'discrete', 'virtual', 'cpu'] as const;

/** sType of VkApplicationInfo, VkInstanceCreateInfo, VkPhysicalDeviceProperties2 and …PCIBusInfoPropertiesEXT. */
const types = { application: 0, instance: 1, properties: 1_000_059_001, bus: 1_000_212_000 };
/** Vulkan 1.1, the first with vkGetPhysicalDeviceProperties2. */
const version = (1 << 22) | (1 << 12);
/** Where things lie in VkPhysicalDeviceProperties2, on 64 bits, and where the bus is put behind it. */
const at = { next: 8, kind: 32, name: 36, nameEnd: 36 + 256, bus: 896 };

/**
 * The devices as the environment of this process lets Vulkan see them, the same that Dawn will; none where there is no
 * Vulkan loader.
 * @throws UserError where the package koffi is not installed
 */
export async function vulkanDevices(): Promise<VulkanDevice[]> {
  const koffi = await import('koffi').then(
    (module) => module.default,
    () => {
      throw new UserError(
        'to tell GPUs apart needs the package koffi, which is not installed: add it with npm install koffi',
      );
    },
  );
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load('libvulkan.so.1');
  } catch {
    return [];
  }
  const create = library.func('int vkCreateInstance(void *, void *, _Out_ void **)');
  const destroy = library.func('void vkDestroyInstance(void *, void *)');
  const enumerate = library.func('int vkEnumeratePhysicalDevices(void *, _Inout_ uint32_t *, void *)');
  const propertiesOf = library.func('void vkGetPhysicalDeviceProperties2(void *, void *)');

  const pointer = (bytes: Uint8Array): bigint => koffi.address(bytes);
  const application = block(48, [[0, types.application]]);
  application.setUint32(44, version, true);
  const wanted = block(64, [[0, types.instance]]);
  wanted.setBigUint64(24, pointer(new Uint8Array(application.buffer)), true);
  const out: unknown[] = [null];
  if (create(new Uint8Array(wanted.buffer), null, out) !== 0) return [];
  const [instance] = out;
  try {
    const count = [0];
    enumerate(instance, count, null);
    const handles = new BigUint64Array(new ArrayBuffer(8 * Math.max(1, count[0]!)));
    enumerate(instance, count, handles);
    return Array.from(handles.subarray(0, count[0]), (handle) => {
      const found = block(1024, [
        [0, types.properties],
        [at.bus, types.bus],
      ]);
      const bytes = new Uint8Array(found.buffer);
      found.setBigUint64(at.next, pointer(bytes) + BigInt(at.bus), true);
      propertiesOf(handle, bytes);
      const [domain, bus, device, part] = [16, 20, 24, 28].map((i) => found.getUint32(at.bus + i, true));
      const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
      return {
        name: new TextDecoder().decode(bytes.subarray(at.name, at.nameEnd)).split('\0')[0]!,
        kind: kinds[found.getUint32(at.kind, true)] ?? 'other',
        place: `${hex(domain!, 4)}_${hex(bus!, 2)}_${hex(device!, 2)}_${part}`,
      };
    });
  } finally {
    destroy(instance, null);
  }
}

/** Zeros but for some words; in memory that stays where it is. */
function block(bytes: number, words: readonly (readonly [number, number])[]): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(bytes));
  for (const [offset, value] of words) view.setUint32(offset, value, true);
  return view;
}
