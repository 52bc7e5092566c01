import { stateChoices } from '../../features/stateChoices.ts';
import { type Command, choiceValue, flagOption, UsageError, valueOption } from '../command.ts';
import { createPaint } from '../paint.ts';
import { jsonDocument, jsonLine } from '../reporters/json.ts';
import { describeTree, openSession, treeOptions } from '../session.ts';

/** `patchpoint state --list`: the built-in machine states. */
export const stateCommand: Command = {
  name: 'state',
  summary: 'Show the machine states that --state knows by name.',
  usage: '--list [--format text|json|jsonl]',
  options: [
    ...treeOptions,
    flagOption('list', 'list the built-in states of this kernel tree'),
    valueOption('format', 'FORMAT', 'text (default), json or jsonl'),
  ],
  run: async ({ values, paths }, io) => {
    const format = choiceValue(values, 'format', ['text', 'json', 'jsonl'], 'text');
    if (values.list !== true) throw new UsageError('say --list');
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
