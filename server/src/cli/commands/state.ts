import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { stateChoices } from '../../features/stateChoices.ts';
import { stateFromText } from '../../kernel/bootMessages.ts';
import {
  type CliIo,
  type Command,
  choiceValue,
  type ExitStatus,
  flagOption,
  stringValue,
  UsageError,
  valueOption,
} from '../command.ts';
import { createPaint } from '../paint.ts';
import { jsonDocument, jsonLine } from '../reporters/json.ts';
import { absolutePath, describeTree, openSession, treeOptions } from '../session.ts';

/** `patchpoint state`: the built-in machine states, and one made from what a machine printed. */
export const stateCommand: Command = {
  name: 'state',
  summary: 'Show the machine states that --state knows by name, or make one from boot messages.',
  usage: '--list [--format text|json|jsonl] | --from FILE',
  options: [
    ...treeOptions,
    flagOption('list', 'list the built-in states of this kernel tree'),
    valueOption('from', 'FILE', 'make a state from boot messages or /proc/cpuinfo (- for standard input)'),
    valueOption('format', 'FORMAT', 'text (default), json or jsonl'),
  ],
  run: async ({ values, paths }, io) => {
    const format = choiceValue(values, 'format', ['text', 'json', 'jsonl'], 'text');
    const from = stringValue(values, 'from');
    if (from !== null) return await printStateFrom(from, io);
    if (values.list !== true) throw new UsageError('say --list or --from FILE');
    const session = openSession(values, paths, io);
    io.err(describeTree(session.status));
    const states = stateChoices(session.ctx.workspace, session.status.root).choices.map((choice) => choice.state);
    if (format === 'json') io.out(jsonDocument(states));
    else if (format === 'jsonl') for (const state of states) io.out(jsonLine(state));
    else {
      const paint = createPaint(io.color);
      const width = Math.max(...states.map((state) => state.name.length)) + 2;
      for (const state of states) {
        const n = state.cpucaps.length;
        const cpucaps = `${String(n).padStart(3)} cpucap${n === 1 ? ' ' : 's'}`;
        io.out(`${paint.bold(state.name.padEnd(width))}${cpucaps}  ${paint.dim(state.title ?? '')}\n`);
      }
    }
    return 0;
  },
};

async function printStateFrom(from: string, io: CliIo): Promise<ExitStatus> {
  let text: string;
  try {
    text = await readFile(from === '-' ? '/dev/stdin' : absolutePath(from, io), 'utf8');
  } catch (error) {
    throw new UsageError(`--from ${from}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { state, notes } = stateFromText(text, from === '-' ? 'standard input' : basename(from));
  for (const note of notes) io.err(`patchpoint: ${note}\n`);
  if (state === null) return 2;
  io.out(jsonDocument(state));
  return 0;
}
