import { UserError } from '../../errors.ts';
import type { HubClient } from './client.ts';
import type { HubPlace } from './hub.ts';
import { BrokenConnection, type HubAccess, hostOf, pauseBefore, tries, unreachable } from './request.ts';

/** A file that is not whole yet. */
export interface FilePart {
  /** How many bytes are there. */
  readonly have: number;
  /** Throws away what is there. */
  restart(): Promise<void>;
  /** Adds bytes to the end. @throws UserError for a full disk */
  write(bytes: Uint8Array): Promise<void>;
  /** Whether the content is what its hash says. */
  isRight(): Promise<boolean>;
  /** Gives the content its place and name. */
  place(): Promise<void>;
  /** Lets go of it and of what is there. */
  discard(): Promise<void>;
  /** Lets go of it, and leaves what is there for a later attempt. */
  close(): Promise<void>;
}

/**
 * Fills a part from the hub and puts it in its place. A connection that breaks is taken up where it broke, as often as it
 * brings something.
 * @throws UserError where the hub refuses or is gone, and where its content is not what its hash says
 */
export async function fetchFile(
  client: HubClient,
  access: HubAccess,
  place: HubPlace,
  part: FilePart,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { repository, file } = place;
  const before = part.have;
  if (before > file.bytes) await part.restart();
  await fill(client, access, place, part, onBytes);
  if (!(await part.isRight()) && before > 0) {
    // What an earlier attempt left may have been damaged since.
    await part.restart();
    await fill(client, access, place, part, onBytes);
  }
  if (!(await part.isRight())) {
    await part.discard();
    throw new UserError(
      `${file.name} of ${repository} is not what ${hostOf(access.endpoint)} says it is (its ${file.hash.kind === 'git' ? 'git SHA-1' : 'SHA-256'} differs), and was thrown away: try again, and distrust what lies between you and the hub if it stays so`,
    );
  }
  await part.place();
}

async function fill(
  client: HubClient,
  access: HubAccess,
  place: HubPlace,
  part: FilePart,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { bytes } = place.file;
  let fruitless = 0;
  while (part.have < bytes || bytes === 0) {
    const had = part.have;
    // Where no connection came about, the client has tried often enough.
    const { start, body } = await client.open(place, had).catch((error) => {
      throw error instanceof BrokenConnection ? givenUp(access, error, part) : error;
    });
    if (start < had) await part.restart();
    try {
      for await (const piece of body) {
        await part.write(piece);
        onBytes(Math.min(part.have, bytes));
        // Longer than it should be: the hash will differ.
        if (part.have > bytes) return;
      }
      if (part.have === bytes) return;
      throw new BrokenConnection('the connection ended early');
    } catch (error) {
      if (!(error instanceof BrokenConnection)) throw error;
      fruitless = part.have > had ? 0 : fruitless + 1;
      if (fruitless >= tries - 1) throw givenUp(access, error, part);
      await pauseBefore(fruitless, access);
    }
  }
}

function givenUp(access: HubAccess, { message }: BrokenConnection, { have }: FilePart): UserError {
  const kept = have > 0 ? '; what has come is kept, and the same command goes on from there' : '';
  return new UserError(`${unreachable(access, message).message}${kept}`);
}
