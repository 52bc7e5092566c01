import { cSiteRecords } from '../../features/c/cSiteList.ts';
import type { SiteRecord } from '../../features/siteList.ts';
import { siteRecords } from '../../features/siteList.ts';
import { type Command, choiceValue, flagOption, stringValue, UsageError, valueOption } from '../command.ts';
import { forEachInput } from '../forEachInput.ts';
import { collectInputs, mayHoldCode, requirePaths } from '../inputs.ts';
import { becomes, objectOption } from '../objectOption.ts';
import { createPaint } from '../paint.ts';
import { jsonDocument, jsonLine } from '../reporters/json.ts';
import { siteListing } from '../reporters/siteText.ts';
import { describeTree, openSession, treeOptions } from '../session.ts';

/** `patchpoint sites`: every patch site of files and folders, with both streams. */
export const sitesCommand: Command = {
  name: 'sites',
  summary: 'List every patch site with its unpatched and its patched stream.',
  usage: 'PATH... [--state FILE|NAME] [--format text|json|jsonl] [--definitions] [--object NAME]',
  options: [
    ...treeOptions,
    valueOption('state', 'FILE|NAME', 'machine state: a state file or a built-in name'),
    valueOption('format', 'FORMAT', 'text (default), json or jsonl'),
    objectOption,
    flagOption('definitions', 'list a site of a macro once, in the macro, and not for every expansion'),
    flagOption('removed', 'list also what C code asks of a cpucap or key that this configuration decides'),
  ],
  run: async ({ values, paths }, io) => {
    const format = choiceValue(values, 'format', ['text', 'json', 'jsonl'], 'text');
    const definitions = values.definitions === true;
    const inState = stringValue(values, 'state') !== null;
    const object = stringValue(values, 'object');
    const removed = values.removed === true;
    requirePaths(paths);
    const session = openSession(values, paths, io);
    io.err(describeTree(session.status));
    await session.loadCParser();
    const inputs = collectInputs(paths, session, io, { matches: mayHoldCode, what: 'assembly or C' });
    const paint = createPaint(io.color);
    const { configSource } = session.status;
    const all: (SiteRecord & { readonly configSource: string })[] = [];
    let count = 0;
    let nOfObject = 0;
    const work = (path: string): void => {
      if (!becomes(session, path, object)) return;
      nOfObject++;
      const records = [
        ...siteRecords(session.ctx, path, { definitions, inState, object }),
        ...cSiteRecords(session.ctx, path, { inState, object, removed }),
      ];
      for (const record of records) {
        count++;
        if (format === 'text') io.out(`${siteListing(record, paint)}\n`);
        else if (format === 'jsonl') io.out(jsonLine({ ...record, configSource }));
        else all.push({ ...record, configSource });
      }
    };
    const holdsC = (path: string): boolean => session.ctx.workspace.cUnit(path) !== null;
    const { complete } = await forEachInput(inputs, session, io, work, holdsC);
    if (complete && nOfObject === 0) throw new UsageError(`--object ${object}: nothing here becomes such an object`);
    if (format === 'json') io.out(jsonDocument(all));
    if (format === 'text' && count === 0 && complete) io.err('patchpoint: no patch sites found\n');
    return complete ? 0 : 2;
  },
};
