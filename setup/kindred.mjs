#!/usr/bin/env node
// The command `kindred` of an installed package; built to dist/launcher.mjs, beside the command line that it starts.
import { fetchDriver, needsDriver } from './driver.mjs';
import { inOneLine, requireNode, start } from './launch.mjs';
import { exclusively } from './tools.mjs';

const args = process.argv.slice(2);

await inOneLine(async () => {
  requireNode();
  // Who asks for help trains nothing: no driver has to be there.
  const asksForHelp =
    args.length === 0 || args[0] === 'help' || args.some((arg) => /^(-h|--help)$/.test(arg));
  // Without the driver the command itself says what is missing.
  if (!asksForHelp && needsDriver()) await inOneLine(() => exclusively(() => needsDriver() && fetchDriver()));
  start('dist/cli.mjs', args);
});
