import { MemoryError, named, sentence } from '../errors.ts';

/**
 * An error of the device or of the host in words, where memory was short.
 * @param allocated bytes that the device had given out
 * @returns undefined for any other error
 */
export function outOfMemory(error: unknown, allocated?: number): MemoryError | undefined {
  const { name, message } =
    error instanceof Error ? error : { name: kindOf(error), message: messageOf(error) };
  const isHosts =
    name === 'RangeError' &&
    /array buffer allocation failed|invalid (typed )?array (buffer )?length/i.test(message);
  if (
    !isHosts &&
    name !== 'GPUOutOfMemoryError' &&
    !/out[ _]of[ _](\w+[ _])?memory|failed to allocate memory/i.test(message)
  )
    return undefined;
  const whose = isHosts ? 'this machine' : 'the adapter';
  const taken =
    allocated === undefined ? '' : `, beside the ${Math.round(allocated / 2 ** 20)} MiB of this run,`;
  return new MemoryError(
    sentence`${whose} has too little memory left${taken} for what comes next: lower ${named('batch')}, ${named('chunk')}, ${named('imageSize')}, ${named('width')} or ${named('limit')}, or end other programs; what was saved stays`,
  );
}

/** WebGPU's errors are no instances of `Error`. */
const kindOf = (error: unknown): string => (error as object | undefined)?.constructor?.name ?? '';
const messageOf = (error: unknown): string =>
  String((error as { message?: unknown } | undefined)?.message ?? error);
