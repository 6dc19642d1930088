import { sentence, UserError } from '../errors.ts';
import type { Setting, ValueOf } from '../setting.ts';
import type { MethodSetting, PretextMethod } from './method.ts';
import { barlow } from './methods/barlow.ts';
import { byol } from './methods/byol.ts';
import { dcl } from './methods/dcl.ts';
import { denoise } from './methods/denoise.ts';
import { jigsaw } from './methods/jigsaw.ts';
import { masked } from './methods/masked.ts';
import { mixed } from './methods/mixed.ts';
import { moco } from './methods/moco.ts';
import { pirl } from './methods/pirl.ts';
import { relative } from './methods/relative.ts';
import { rotation } from './methods/rotation.ts';
import { simclr } from './methods/simclr.ts';
import { simsiam } from './methods/simsiam.ts';
import { supcon } from './methods/supcon.ts';
import { swav } from './methods/swav.ts';
import { vicreg } from './methods/vicreg.ts';

/** Methods by name. */
export type MethodRegistry = Readonly<Record<string, PretextMethod>>;

/** A registry whose keys are the methods' own names. */
const registered = <
  const Methods extends { readonly [Name in keyof Methods]: PretextMethod & { readonly name: Name } },
>(
  methods: Methods,
): Methods => methods;

/** Every pretext method. A new one is a file under `methods/` and a line here. */
export const pretextMethods = registered({
  ...{ simclr, supcon, mixed, dcl, moco, pirl },
  ...{ byol, simsiam, vicreg, barlow, swav },
  ...{ rotation, relative, jigsaw },
  ...{ masked, denoise },
});

/** The name of a pretext method, such as `simclr`. */
export type MethodName = keyof typeof pretextMethods;

type TableOf<Method> = Method extends PretextMethod<string, infer Table> ? Table : never;
type SettingNames<Method> = Method extends unknown ? keyof TableOf<Method> : never;
type Registered = (typeof pretextMethods)[MethodName];

type KindOf<Name extends SettingNames<Registered>> = Extract<
  TableOf<Registered>,
  Readonly<Record<Name, MethodSetting>>
>[Name]['kind'];

/** The settings that methods add, as far as a user gives them; a method reads its own. */
export type MethodSettings = {
  readonly [Name in SettingNames<Registered>]?: ValueOf<KindOf<Name>>;
};

/**
 * The settings that methods add, as rows of a table of settings. All of them are open there, since the method decides
 * what an open one is (see `chosenMethod`).
 */
export const methodSettings = openRows(Object.values(pretextMethods)) as unknown as {
  readonly [Name in SettingNames<Registered>]: Omit<Setting, 'default' | 'kind'> & {
    readonly kind: KindOf<Name>;
  };
};

function openRows(methods: readonly PretextMethod[]): Record<string, Setting> {
  const names = new Set(methods.flatMap(({ settings }) => Object.keys(settings)));
  const rows = [...names].map((name) => {
    const own = methods.flatMap(({ settings }) => settings[name] ?? []);
    const { kind, help, unit } = own[0]!;
    const chosen = new Set(
      own.map((setting) => setting.chosen ?? ('default' in setting ? `${setting.default}` : '')),
    );
    return [name, { kind, help, ...(unit !== undefined && { unit }), chosen: [...chosen].join(', or ') }];
  });
  return Object.fromEntries(rows);
}

/** The method that a run takes where none is named; it learns from no labels. */
export const defaultMethod: MethodName = 'simclr';

/**
 * The method of a name.
 * @throws UserError listing those that there are, where there is none of that name
 */
export function methodNamed(
  name: string = defaultMethod,
  methods: MethodRegistry = pretextMethods,
): PretextMethod {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method) return method;
  const names = Object.keys(methods).join(', ');
  throw new UserError(sentence`there is no pretext method '${name}': take one of ${names}`, {
    setting: 'pretext',
  });
}

/** Names of settings that belong to other methods alone. */
export function settingsOfOthers(
  { settings }: PretextMethod,
  methods: MethodRegistry = pretextMethods,
): Set<string> {
  const all = Object.values(methods).flatMap((method) => Object.keys(method.settings));
  return new Set(all.filter((name) => !Object.hasOwn(settings, name)));
}
