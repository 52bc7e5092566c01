import { expandFile } from '../../features/expand.ts';
import { type Command, choiceValue, stringValue, UsageError, valueOption } from '../command.ts';
import { noAssembly } from '../forEachInput.ts';
import { unreadableReason } from '../inputs.ts';
import { becomes, objectNames, objectOption } from '../objectOption.ts';
import { absolutePath, describeTree, openSession, treeOptions } from '../session.ts';

/** `patchpoint expand`: one file after the C preprocessor and the assembler's macros. */
export const expandCommand: Command = {
  name: 'expand',
  summary: 'Print a file after the C preprocessor and the macros of the assembler.',
  usage: 'FILE.S [--state FILE|NAME] [--level N] [--object NAME] [--format gas|json|text]',
  options: [
    ...treeOptions,
    valueOption('state', 'FILE|NAME', 'show alternatives as this machine state leaves them'),
    objectOption,
    valueOption('level', 'N', 'expand N levels of macros only'),
    valueOption('format', 'FORMAT', 'text (default), gas (assembles to the same object) or json'),
  ],
  run: async ({ values, paths }, io) => {
    const format = choiceValue(values, 'format', ['gas', 'json', 'text'], 'text');
    const level = parseLevel(stringValue(values, 'level'));
    const [given, ...others] = paths;
    if (given === undefined || others.length > 0) throw new UsageError('expected one file');
    const session = openSession(values, paths, io);
    io.err(describeTree(session.status));
    const path = absolutePath(given, io);
    const kind = session.files.kindOf(path);
    if (kind === undefined) throw new UsageError(`${given}: no such file`);
    if (kind === 'directory') throw new UsageError(`${given}: is a directory; expand takes one file`);
    const reason = unreadableReason(path, session.files);
    if (reason !== null) throw new UsageError(`${given}: ${reason}`);
    if (session.ctx.workspace.assembly(path) === null) throw new UsageError(`${given}: ${noAssembly}`);
    const state = stringValue(values, 'state') === null ? null : session.ctx.state;
    const object = stringValue(values, 'object');
    if (!becomes(session, path, object)) {
      throw new UsageError(`--object ${object}: ${given} becomes ${objectNames(session, path)}`);
    }
    const expanded = expandFile(session.ctx, path, { format, level, state, object });
    io.out(expanded.text.endsWith('\n') || expanded.text === '' ? expanded.text : `${expanded.text}\n`);
    for (const issue of expanded.issues) io.err(`patchpoint: ${session.display(path)}: ${issueText(issue)}\n`);
    return 0;
  },
};

function parseLevel(text: string | null): number | null {
  if (text === null) return null;
  if (!/^\d{1,4}$/.test(text)) throw new UsageError(`--level ${text}: expected a number of levels`);
  return Number(text);
}

function issueText(issue: string | { readonly message: string }): string {
  return typeof issue === 'string' ? issue : issue.message;
}
