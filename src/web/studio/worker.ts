import * as comlink from 'comlink';
import { platform } from '#platform';
import { UserError } from '../../errors.ts';
import type { JudgePort } from './judge_port.ts';
import { StudioRoom } from './room.ts';
import type { Studio } from './studio.ts';

declare const KINDRED_VERSION: string;

const room = new StudioRoom({
  storage: () => {
    if (!platform.pageStorage) throw new UserError('this browser gives a page no files: use a newer one');
    return platform.pageStorage.open();
  },
  judge: () => {
    // Its bundle lies beside this one, and ends as it does.
    const place = import.meta.url.replace('studio_worker', 'judge_worker');
    const worker = new Worker(place, { type: 'module' });
    return comlink.wrap<JudgePort>(worker) as unknown as JudgePort;
  },
  versions: { kindred: KINDRED_VERSION },
});

/** Pixels are many: they change hands instead of being copied. */
const handed: Pick<Studio, 'pixels' | 'pairs'> = {
  async pixels(images) {
    const pixels = await room.pixels(images);
    return comlink.transfer(pixels, [pixels.buffer as ArrayBuffer]);
  },
  async pairs(policy, images, seed) {
    const views = await room.pairs(policy, images, seed);
    return comlink.transfer(views, [views.pixels.buffer as ArrayBuffer]);
  },
};

comlink.expose(
  new Proxy(room, {
    get: (target, name) => {
      if (name in handed) return handed[name as keyof typeof handed];
      const value: unknown = Reflect.get(target, name);
      // Private fields are known to the room alone, not to what stands before it.
      return typeof value === 'function' ? value.bind(target) : value;
    },
  }),
);
