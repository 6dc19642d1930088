import { type Command, InvalidArgumentError } from 'commander';
import { pageFolder, serveFolder } from '../../platform/node_serve.ts';
import { terminal } from '../../platform/node_terminal.ts';
import { parseValue } from '../../setting.ts';

const usualPort = 8390;

/** Adds the command `serve` to the program. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('the page that trains and labels in a browser, on this machine alone')
    .option('--port <n>', `where it listens; 0 for any that is free (default: ${usualPort})`, readPort)
    .option('--hub', 'lets the page fetch encoders from huggingface.co, when somebody chooses one there')
    .action(serve);
}

function readPort(text: string): number {
  try {
    return parseValue({ type: 'whole', min: 0, max: 65535 }, text) as number;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

async function serve({ port = usualPort, hub }: { port?: number; hub?: boolean }): Promise<void> {
  const server = await serveFolder(pageFolder(), port, hub);
  terminal.onInterruption(() => void server.close());
  terminal.print(`kindred is at ${server.address} (Ctrl-C ends it); it answers this machine alone.`);
}
