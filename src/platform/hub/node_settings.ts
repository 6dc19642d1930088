import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import type { HubAccess } from './request.ts';

// The variables of Python's huggingface_hub, with its defaults:
// https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables

type Environment = Readonly<Record<string, string | undefined>>;

const isTrue = (value: string | undefined): boolean => /^(?:1|on|yes|true)$/i.test(value ?? '');

/** A path with `~` and `$NAME` in it filled in, as Python does. */
function expanded(path: string, env: Environment): string {
  return path
    .replace(/^~(?=$|[\\/])/, homedir())
    .replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced, bare) => env[braced ?? bare] ?? whole);
}

function home(env: Environment): string {
  const { HF_HOME, XDG_CACHE_HOME } = env;
  return expanded(HF_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface'), env);
}

/** The folder in which files of the hub are kept, for Python's programs too. */
export function hubCache(env: Environment = process.env): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE } = env;
  return expanded(HF_HUB_CACHE || HUGGINGFACE_HUB_CACHE || join(home(env), 'hub'), env);
}

/** Why the hub may not be asked; undefined where it may. */
export function hubOffline(env: Environment = process.env): string | undefined {
  const name = ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'].find((variable) => isTrue(env[variable]));
  return name && `${name} is set`;
}

/** The hub's address. @throws UserError where the variable holds none */
export function hubEndpoint(env: Environment = process.env): string {
  const endpoint = (env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
  const protocol = URL.canParse(endpoint) ? new URL(endpoint).protocol : '';
  if (protocol === 'https:' || protocol === 'http:') return endpoint;
  throw new UserError('HF_ENDPOINT is no web address: give one such as https://huggingface.co, or unset it');
}

/** Where the hub is and who asks it. @throws UserError for an address or a token that is none */
export async function hubAccess(env: Environment = process.env): Promise<HubAccess> {
  const file = expanded(env.HF_TOKEN_PATH || join(home(env), 'token'), env);
  const ofUser = env.HF_TOKEN?.trim() || env.HUGGING_FACE_HUB_TOKEN?.trim();
  const token = ofUser || (await readFile(file, 'utf8').catch(() => '')).trim() || undefined;
  // A header takes no other characters, and would tell the token in its own complaint.
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new UserError(
      `the token of the hub (${ofUser ? 'HF_TOKEN' : file}) holds characters that no token has: copy it again from https://huggingface.co/settings/tokens`,
    );
  }
  return {
    endpoint: hubEndpoint(env),
    token,
    tokenAdvice: 'set HF_TOKEN to a token from https://huggingface.co/settings/tokens',
  };
}
