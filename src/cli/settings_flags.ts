import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Sentence, SettingMention } from '../errors.ts';
import { parseValue, type Setting } from '../setting.ts';

/** A setting's flag: `learningRate` is `--learning-rate`. */
const flagOf = (setting: string): string =>
  `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** A sentence as the command line's users read it. */
export const withFlags = (text: string | Sentence): string =>
  typeof text === 'string' ? text : text.render(flagWithValue);

const flagWithValue = ({ setting, value }: SettingMention): string =>
  value === undefined ? flagOf(setting) : `${flagOf(setting)} ${value}`;

/** Gives a command an option for each row of a table of settings. */
export function addSettings(command: Command, table: Readonly<Record<string, Setting>>): Command {
  for (const [name, setting] of Object.entries(table)) {
    command.addOption(optionOf(name, setting));
    if (name === 'tune') command.option('--no-tune', 'as --tune 0');
  }
  return command;
}

function optionOf(name: string, setting: Setting): Option {
  const { kind, unit, help, default: fixed, chosen, required, alias } = setting;
  const names = [...(alias === undefined ? [] : [flagOf(alias)]), flagOf(name)].join(', ');
  const flags = kind.type === 'flag' ? names : `${names} <${unit ?? 'value'}>`;
  // The default is told but not set: on a resume what is left open is as the run was started.
  const usual = fixed === false ? undefined : (fixed ?? chosen);
  const note = required ? ' (required)' : usual === undefined ? '' : ` (default: ${usual})`;
  const option = new Option(flags, `${help}${note}`);
  if (required) option.makeOptionMandatory();
  if (kind.type === 'choice') option.choices([...kind.of]);
  else if (kind.type !== 'flag') {
    option.argParser((text: string) => {
      try {
        return parseValue(kind, text);
      } catch (error) {
        throw new InvalidArgumentError((error as Error).message);
      }
    });
  }
  return option;
}

/** The settings that a command's options say; `--no-tune` allows no second. */
export const settingsFrom = <Settings>(options: Readonly<Record<string, unknown>>): Settings =>
  (options.tune === false ? { ...options, tune: 0 } : options) as Settings;
