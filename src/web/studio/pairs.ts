import { policyFor } from '../../app/plan/training_plan.ts';
import { Engine } from '../../autograd/engine.ts';
import { resolvePolicy } from '../../data/policy.ts';
import { drawViewPairs, type SquareImages } from '../../data/view_pairs.ts';
import { named, sentence } from '../../errors.ts';
import type { TrainingChoice } from './studio.ts';

/** Draws views by a policy, on a device that stays open while a person moves its strengths. */
export class Pairs {
  #engine: Promise<Engine> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** See `drawViewPairs`. @throws UserError where the policy is wrong */
  async draw(policy: TrainingChoice['policy'], images: SquareImages, seed: number): Promise<Uint8Array> {
    const chosen =
      policy === undefined
        ? policyFor('pack', images.size)
        : resolvePolicy(policy, sentence`${named('policy')}`);
    const turn = this.#turn.then(async () => {
      this.#engine ??= Engine.create();
      const engine = await this.#engine;
      return drawViewPairs(engine, images, { policy: chosen, imageSize: images.size, seed });
    });
    this.#turn = turn.catch(() => {
      // A device that failed is not asked again.
      this.close();
    });
    return turn;
  }

  /** Gives the device back; the next drawing opens another. */
  close(): void {
    const engine = this.#engine;
    this.#engine = undefined;
    engine?.then(
      (opened) => opened.destroy(),
      () => {},
    );
  }
}
