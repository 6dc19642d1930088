import type { Gpu } from './device.ts';
import type { Launch } from './launch.ts';
import type { Lifetime } from './memory_plan.ts';
import { Storage } from './storage.ts';

/** A launch with its buffers, by their WGSL names. */
export interface Command {
  /** The kernel call. */
  readonly launch: Launch;
  /** Buffers by the names that the WGSL gives them. */
  readonly bindings: Readonly<Record<string, Storage>>;
}

/** Work of the host between two kernel calls: the later one waits for it. */
export interface HostStep {
  /** How many of the recording's kernel calls come before it. */
  readonly behind: number;
  /** What it reads or writes. */
  readonly storages: readonly Storage[];
  /** Does it. */
  readonly work: (gpu: Pick<Gpu, 'read' | 'write'>) => Promise<void>;
}

/** The list of kernel calls that one run of a program makes, in order, and the planned storages they pass on. */
export class Recording {
  /** The kernel calls that come before all others, and that a run leaves out where nothing changed that they read. */
  readonly preparation: Command[] = [];
  /** The kernel calls of every run, in order. */
  readonly commands: Command[] = [];
  /** What the host does between them, in order. */
  readonly hostSteps: HostStep[] = [];
  readonly #planned: Storage[] = [];

  /** Storage for an intermediate value; memory comes when the program is built. */
  plan(label: string, bytes: number): Storage {
    const storage = new Storage(label, bytes);
    this.#planned.push(storage);
    return storage;
  }

  /** Appends a kernel call. @param bindings by their WGSL names */
  dispatch(launch: Launch, bindings: Readonly<Record<string, Storage>>): void {
    this.commands.push({ launch, bindings });
  }

  /**
   * Appends work of the host.
   * @param storages that it reads or writes
   * @param behind how many of the kernel calls so far it waits for: all of them by default
   */
  host(storages: readonly Storage[], work: HostStep['work'], behind: number = this.commands.length): void {
    const later = this.hostSteps.findIndex((step) => step.behind > behind);
    const place = later < 0 ? this.hostSteps.length : later;
    this.hostSteps.splice(place, 0, { behind, storages, work });
  }

  /** How many of the kernel calls so far come before a range of memory is left alone. @param storage that has memory */
  untouchedBehind(storage: Storage): number {
    const end = (range: Storage) => range.offset + range.bytes;
    const touches = (other: Storage) =>
      other.placed &&
      other.buffer === storage.buffer &&
      other.offset < end(storage) &&
      end(other) > storage.offset;
    return 1 + this.commands.findLastIndex(({ bindings }) => Object.values(bindings).some(touches));
  }

  /** Appends a kernel call to the preparation; what the others take from it must be `kept`. */
  prepare(launch: Launch, bindings: Readonly<Record<string, Storage>>): void {
    this.preparation.push({ launch, bindings });
  }

  /** Planned storages that some command uses, with the first and last command that touch each; kept ones never end. */
  lifetimes(): { storages: Storage[]; lifetimes: Lifetime[] } {
    const commands = [...this.preparation, ...this.commands];
    const first = new Map<Storage, number>();
    const last = new Map<Storage, number>();
    const touch = (storage: Storage, index: number) => {
      first.set(storage, Math.min(first.get(storage) ?? index, index));
      last.set(storage, Math.max(last.get(storage) ?? index, index));
    };
    commands.forEach((command, index) => {
      for (const storage of Object.values(command.bindings)) touch(storage, index);
    });
    // As if both calls around it touched them.
    for (const { behind, storages } of this.hostSteps)
      for (const storage of storages)
        for (const index of [behind - 1, behind]) touch(storage, this.preparation.length + index);
    const storages = this.#planned.filter((storage) => first.has(storage));
    const lifetimes = storages.map((storage) => ({
      bytes: storage.bytes,
      first: first.get(storage)!,
      last: storage.kept ? commands.length : last.get(storage)!,
    }));
    return { storages, lifetimes };
  }
}
