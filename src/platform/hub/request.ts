import { UserError } from '../../errors.ts';
import { quote } from '../../formats/quote.ts';

/** Who asks the hub, and where it is. */
export interface HubAccess {
  /** The hub's address without a slash at its end: `https://huggingface.co`. */
  readonly endpoint: string;
  /** The user's token, which no other host gets to see; undefined where there is none. */
  readonly token: string | undefined;
  /** How a person gives a token, in words: `set HF_TOKEN`. */
  readonly tokenAdvice: string;
  /** Milliseconds of the shortest pause before another try; 1000 by default. */
  readonly pause?: number;
  /** Milliseconds without a byte after which an answer counts as broken; 60,000 by default. */
  readonly patience?: number;
}

/** How often something is tried that may work the next time. */
export const tries = 4;
/** The longest that a busy hub is waited for, in seconds. */
const longestWait = 60;

/** Milliseconds before the next try, longer each time. */
export const pauseBefore = (attempt: number, { pause = 1000 }: HubAccess): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, pause * 2 ** attempt));

/** The host of an address, for people. */
export const hostOf = (endpoint: string): string => new URL(endpoint).host;

/** The connection broke, or there is none. */
export class BrokenConnection extends Error {}

/**
 * `fetch` for the hub: tries again where the hub is busy or the connection breaks, and turns its refusals into sentences.
 * Only requests to the hub itself carry the token: where it sends them on to another host, fetch leaves it out.
 * @param about what is asked for: `facebook/dinov2-small`, with its revision where that may be wrong
 */
export function hubFetch(access: HubAccess, about: HubSubject): typeof fetch {
  return async (input, init) => {
    const address = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers);
    const { origin } = new URL(access.endpoint);
    if (access.token !== undefined && address.origin === origin)
      headers.set('authorization', `Bearer ${access.token}`);
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt === tries - 1;
      const response = await connect(address, { ...init, headers }, access).catch((error) => {
        if (!(error instanceof BrokenConnection) || isLast) throw error;
        return undefined;
      });
      if (response?.ok || response?.status === 416) return response;
      if (!response) {
        await pauseBefore(attempt, access);
        continue;
      }
      await response.body?.cancel().catch(() => {});
      const wait = isLast ? undefined : waitOf(response, attempt, access);
      if (wait === undefined) throw refusal(response, access, about);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  };
}

/** What is asked for. */
export interface HubSubject {
  readonly repository: string;
  readonly revision: string;
}

/** An answer's head, within the access' patience. */
async function connect(address: URL, init: RequestInit, access: HubAccess): Promise<Response> {
  const { patience = 60_000 } = access;
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), patience);
  const signal = init.signal ? AbortSignal.any([init.signal, stalled.signal]) : stalled.signal;
  try {
    return await fetch(address, { ...init, signal });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new BrokenConnection(stalled.signal.aborted ? 'no answer' : causeOf(error));
  } finally {
    clearTimeout(timer);
  }
}

/** Why a connection failed, in a word of the system's: `ENOTFOUND`. */
export function causeOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

/** No network, or no hub in it. */
export const unreachable = ({ endpoint }: HubAccess, reason: string): UserError =>
  new UserError(
    `${hostOf(endpoint)} cannot be reached (${quote(reason).slice(1, -1)}): look to the connection and try again, or copy the files here and name their folder`,
  );

/** Milliseconds until a busy hub may be asked again; undefined where it is of no use, or too long. */
function waitOf({ status, headers }: Response, attempt: number, { pause = 1000 }: HubAccess) {
  if (status !== 429 && status !== 408 && status < 500) return undefined;
  const seconds = retryAfter(headers);
  if (seconds === undefined) return pause * 2 ** attempt;
  return seconds > longestWait ? undefined : 1000 * seconds;
}

/** Seconds that an answer asks to wait, which it says as a number or as a date. */
function retryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

function refusal(response: Response, access: HubAccess, { repository, revision }: HubSubject): UserError {
  const { status, headers } = response;
  const code = headers.get('x-error-code') ?? '';
  const { endpoint, token, tokenAdvice } = access;
  const host = hostOf(endpoint);
  const page = `${endpoint}/${repository}`;
  if (code === 'GatedRepo')
    return new UserError(
      `${repository} is gated: accept its licence at ${page}, and ${token === undefined ? tokenAdvice : 'give the token of the account that did'}`,
    );
  if (code === 'RevisionNotFound')
    return new UserError(
      `${repository} has no revision ${quote(revision)}: ${page} lists its branches and tags`,
    );
  if (code === 'EntryNotFound')
    return new UserError(`${repository} lacks a file that it lists: try again, or look at ${page}`);
  if (status === 401 || status === 403 || status === 404) {
    // Without a token the hub calls what does not exist the same as what is private.
    const why =
      token === undefined
        ? `check the name or, if it is private or gated, accept its licence at ${page} and ${tokenAdvice}`
        : `check the name and, if it is private or gated, whether the token may read it`;
    return new UserError(`${host} shows no repository ${repository} (${status}): ${why}`);
  }
  if (status === 429) {
    const seconds = retryAfter(headers);
    const when = seconds === undefined ? 'a few minutes' : `${seconds} seconds`;
    const more = token === undefined ? `, or ${tokenAdvice}, with which it allows more` : '';
    return new UserError(`${host} has been asked too often (429): try again in ${when}${more}`);
  }
  if (status >= 500) return new UserError(`${host} is out of order (${status}): try again later`);
  return new UserError(`${host} answers ${status} to what it was asked for ${repository}: try again later`);
}
