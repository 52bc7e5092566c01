import { diagnostics } from '../../features/diagnostics.ts';
import { type SiteRecord, siteRecords } from '../../features/siteList.ts';
import { type Command, stringValue, UsageError, valueOption } from '../command.ts';
import { forEachInput } from '../forEachInput.ts';
import { collectInputs, mayHoldAssembly, requirePaths } from '../inputs.ts';
import { createPaint } from '../paint.ts';
import { type LintRecord, lintRecord } from '../reporters/lintRecord.ts';
import { siteListing } from '../reporters/siteText.ts';
import { lintText } from '../reporters/text.ts';
import { openSession, sourceLines, treeOptions } from '../session.ts';

const defaultLimit = 6;

/** `patchpoint show`: a first look at files for people: some sites with both streams, then all findings. Always exits 0. */
export const showCommand: Command = {
  name: 'show',
  summary: 'A first look: some sites with both streams, and what lint finds.',
  usage: 'PATH... [--limit N]',
  options: [
    ...treeOptions,
    valueOption('state', 'FILE|NAME', 'machine state: a state file or a built-in name'),
    valueOption('limit', 'N', `most sites and findings to show (default ${defaultLimit})`),
  ],
  run: async ({ values, paths }, io) => {
    const limit = parseLimit(stringValue(values, 'limit'));
    requirePaths(paths);
    const session = openSession(values, paths, io);
    const inputs = collectInputs(paths, session, io, { matches: mayHoldAssembly });
    const paint = createPaint(io.color);
    const sites: SiteRecord[] = [];
    const findings: LintRecord[] = [];
    const { complete, nFiles } = await forEachInput(inputs, session, io, (path) => {
      sites.push(...siteRecords(session.ctx, path, { definitions: false }));
      findings.push(...diagnostics(session.ctx, path).map((finding) => lintRecord(finding, session.display)));
    });
    const more = (n: number, command: string): void => {
      if (n > 0) io.out(paint.dim(`... and ${n} more: patchpoint ${command} ${paths.join(' ')}\n\n`));
    };
    const { status } = session;
    io.out(
      `${paint.bold('Patchpoint')}  kernel ${status.version ?? 'of unknown version'}, configuration: ${status.configSource}\n`,
    );
    io.out(`${nFiles} file${nFiles === 1 ? '' : 's'}, ${sites.length} patch sites, ${findings.length} findings\n\n`);
    for (const site of oneOfEach(sites, (one) => one.construct, limit)) io.out(`${siteListing(site, paint)}\n`);
    more(sites.length - limit, 'sites');
    for (const record of oneOfEach(findings, (one) => one.rule, limit)) {
      io.out(`${lintText(record, paint, sourceLines(session))}\n`);
    }
    more(findings.length - limit, 'lint');
    return complete ? 0 : 2;
  },
};

/** At most `limit` items in their order: the first of each kind, then others. */
function oneOfEach<T>(items: readonly T[], kindOf: (item: T) => string, limit: number): readonly T[] {
  const kinds = new Set<string>();
  const firsts = items.filter((item) => {
    const isFirst = !kinds.has(kindOf(item));
    kinds.add(kindOf(item));
    return isFirst;
  });
  const others = items.filter((item) => !firsts.includes(item));
  const chosen = new Set([...firsts, ...others].slice(0, limit));
  return items.filter((item) => chosen.has(item));
}

function parseLimit(text: string | null): number {
  if (text === null) return defaultLimit;
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`--limit ${text}: expected a number`);
  return Number(text);
}
