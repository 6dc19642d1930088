import { named, sentence, UserError } from '../../errors.ts';
import { describeKind, type GivenSettings, isValue, type Setting, type SettingsOf } from '../../setting.ts';

type Table = Readonly<Record<string, Setting>>;

/**
 * A table's settings from what was given, with the table's defaults for what was left open.
 * @param given values of this table; others are left out
 * @throws UserError for a value that its setting does not take, or for a required setting that is missing
 */
export function resolveSettings<T extends Table>(table: T, given: GivenSettings<T>): SettingsOf<T> {
  const resolved: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) {
      if (setting.required) throw new UserError(sentence`${named(name)} is missing: ${setting.help}`);
      if (setting.default !== undefined) resolved[name] = setting.default;
      continue;
    }
    if (!isValue(setting.kind, value)) {
      throw new UserError(
        sentence`${named(name, JSON.stringify(value))} cannot be: give ${describeKind(setting.kind)}`,
      );
    }
    resolved[name] = value;
  }
  return resolved as SettingsOf<T>;
}

/** The values that were given of a table's settings, and of no other. */
export function givenOf<T extends Table>(
  table: T,
  given: Readonly<Record<string, unknown>>,
): GivenSettings<T> {
  const own = Object.keys(table).filter((name) => given[name] !== undefined);
  return Object.fromEntries(own.map((name) => [name, given[name]])) as GivenSettings<T>;
}
