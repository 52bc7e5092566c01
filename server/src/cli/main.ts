import { parseArgs } from 'node:util';
import { type CliIo, type Command, type ExitStatus, type OptionHelp, parseArgsOptions, UsageError } from './command.ts';
import { coresCommand } from './commands/cores.ts';
import { costCommand } from './commands/cost.ts';
import { expandCommand } from './commands/expand.ts';
import { imageCommand } from './commands/image.ts';
import { lintCommand } from './commands/lint.ts';
import { lspCommand } from './commands/lsp.ts';
import { modelCommand } from './commands/model.ts';
import { noinstrCommand } from './commands/noinstr.ts';
import { showCommand } from './commands/show.ts';
import { sitesCommand } from './commands/sites.ts';
import { stateCommand } from './commands/state.ts';
import { patchpointVersion } from './version.ts';

const commands: readonly Command[] = [
  sitesCommand,
  expandCommand,
  lintCommand,
  imageCommand,
  noinstrCommand,
  modelCommand,
  costCommand,
  coresCommand,
  stateCommand,
  showCommand,
  lspCommand,
];

/** Runs one invocation of `patchpoint`; never throws. The exit status is the one of the contract: 0, 1 or 2. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitStatus> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const about = rest[0] === undefined ? undefined : commands.find((command) => command.name === rest[0]);
    (name === undefined ? io.err : io.out)(about ? commandHelp(about) : generalHelp());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-V') {
    io.out(`${patchpointVersion}\n`);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) {
    io.err(`patchpoint: no command "${name}"; see patchpoint --help\n`);
    return 2;
  }
  return await runCommand(command, rest, io);
}

async function runCommand(command: Command, argv: readonly string[], io: CliIo): Promise<ExitStatus> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      options: { ...parseArgsOptions(command.options), help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) {
      io.out(commandHelp(command));
      return 0;
    }
    return await command.run({ values, paths: positionals }, io);
  } catch (error) {
    if (error instanceof UsageError || isParseArgsError(error)) {
      io.err(`patchpoint ${command.name}: ${error.message}\n`);
    } else {
      io.err(`patchpoint ${command.name}: internal error: ${error instanceof Error ? error.stack : String(error)}\n`);
    }
    return 2;
  }
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

function generalHelp(): string {
  const lines = commands.map((command) => `  ${command.name.padEnd(8)}${command.summary}`);
  return `patchpoint ${patchpointVersion}: both instruction streams of arm64 alternatives

Usage: patchpoint COMMAND [options]

Commands:
${lines.join('\n')}

patchpoint COMMAND --help tells a command's options.
Exit status: 0 nothing found, 1 findings (lint), 2 could not run.
`;
}

function commandHelp(command: Command): string {
  const left = (option: OptionHelp): string =>
    `--${option.name}${option.placeholder === null ? '' : ` ${option.placeholder}`}`;
  const width = Math.max(...command.options.map((option) => left(option).length), 6) + 2;
  const lines = command.options.map((option) => `  ${left(option).padEnd(width)}${option.help}`);
  return `Usage: patchpoint ${command.name} ${command.usage}

${command.summary}

Options:
${[...lines, `  ${'--help'.padEnd(width)}this text`].join('\n')}
`;
}

/** Color only where the user sees it: a terminal that did not ask for none (https://no-color.org). */
function wantsColor(): boolean {
  if (process.env.NO_COLOR) return false;
  if (process.env.FORCE_COLOR && process.env.FORCE_COLOR !== '0') return true;
  return process.stdout.isTTY === true && process.env.TERM !== 'dumb';
}

/** The program: writes through process streams and leaves the exit status in `process.exitCode`, so that pipes are drained. */
export async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The reader of the pipe (head, less) has gone: nothing left to do.
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
      throw error;
    });
  }
  process.exitCode = await runCli(process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    cwd: process.cwd(),
    color: wantsColor(),
    errIsTerminal: process.stderr.isTTY === true,
    nowMs: () => performance.now(),
    profile: process.env.PATCHPOINT_PROFILE,
  });
}
