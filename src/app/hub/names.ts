import { UserError } from '../../errors.ts';
import { quote } from '../../formats/quote.ts';

/** A repository that has a short name here. */
export interface KnownEncoder {
  /** Its name on the hub. */
  readonly repository: string;
  /** What its model card says that it may be used under. */
  readonly licence: string;
  /** Bytes of its weights, about. */
  readonly bytes: number;
}

const known = (repository: string, megabytes: number): KnownEncoder => ({
  repository,
  licence: 'apache-2.0',
  bytes: 1e6 * megabytes,
});

/** Encoders that need only a short name, with the sizes and licences that the hub showed in 2026. */
export const knownEncoders: Readonly<Record<string, KnownEncoder>> = {
  'dinov2-small': known('facebook/dinov2-small', 88.2),
  'dinov2-base': known('facebook/dinov2-base', 346),
  'dinov2-registers-small': known('facebook/dinov2-with-registers-small', 88.3),
  'dinov2-registers-base': known('facebook/dinov2-with-registers-base', 346),
  resnet18: known('timm/resnet18.a1_in1k', 46.8),
  resnet34: known('timm/resnet34.a1_in1k', 87.3),
  resnet50: known('timm/resnet50.a1_in1k', 102),
  'vit-tiny': known('timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k', 22.9),
  'vit-small': known('timm/vit_small_patch16_224.augreg_in21k_ft_in1k', 88.2),
  'vit-base': known('timm/vit_base_patch16_224.augreg_in21k_ft_in1k', 346),
};

/** A repository of the hub as a setting names it. */
export interface HubName {
  /** What the setting says. */
  readonly place: string;
  readonly repository: string;
  /** A branch, tag or commit. */
  readonly revision: string;
  /** What is known of it beforehand, where it has a short name. */
  readonly known: KnownEncoder | undefined;
}

/** The branch that is meant where none is named. */
export const usualRevision = 'main';

const prefix = 'hf:';
const namePart = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?$/;

/**
 * The repository that a setting's value names: a short name, or `hf:owner/name`, with `@` and a revision behind it where
 * it is not the main branch; undefined for what names none.
 * @throws UserError for what begins with `hf:` and names no repository
 */
export function hubName(place: string): HubName | undefined {
  const at = place.indexOf('@');
  const [name, revision] = at < 0 ? [place, usualRevision] : [place.slice(0, at), place.slice(at + 1)];
  const short = Object.hasOwn(knownEncoders, name) ? knownEncoders[name] : undefined;
  if (!short && !name.startsWith(prefix)) return undefined;
  const repository = short?.repository ?? name.slice(prefix.length);
  if (!isRepository(repository) || !isRevision(revision)) {
    throw new UserError(
      `${quote(place)} names no repository of the hub: give hf:owner/name or hf:owner/name@revision`,
    );
  }
  return { place, repository, revision, known: short };
}

/** Whether a text could be a repository's name: `owner/name`, or the one name of an old one. */
export function isRepository(text: string): boolean {
  const parts = text.split('/');
  return parts.length <= 2 && parts.every((part) => namePart.test(part) && !/--|\.\./.test(part));
}

/** Branches have names with slashes, which become folders of the cache: none may lead out of it. */
function isRevision(text: string): boolean {
  return (
    text.length <= 200 &&
    text.split('/').every((part) => /^[^\s\\:*?"<>|~^\p{Cc}]+$/u.test(part) && !/^\.|\.\.|\.lock$/.test(part))
  );
}
