import { cSiteRecords } from '../../features/c/cSiteList.ts';
import { type SiteRecord, siteRecords } from '../../features/siteList.ts';
import { type Command, stringValue, UsageError, valueOption } from '../command.ts';
import { findingsOf } from '../findings.ts';
import { forEachInput } from '../forEachInput.ts';
import { collectInputs, mayHoldCode, requirePaths } from '../inputs.ts';
import { createPaint } from '../paint.ts';
import { type LintRecord, lintRecord } from '../reporters/lintRecord.ts';
import { siteListing } from '../reporters/siteText.ts';
import { lintText } from '../reporters/text.ts';
import { openSession, sourceLines, treeOptions } from '../session.ts';

const defaultLimit = 8;
const cOptions = { inState: false, object: null, removed: false } as const;

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
    await session.loadCParser();
    const inputs = collectInputs(paths, session, io, { matches: mayHoldCode, what: 'assembly or C' });
    const paint = createPaint(io.color);
    const sites: SiteRecord[] = [];
    const findings: LintRecord[] = [];
    const look = (path: string): void => {
      sites.push(
        ...siteRecords(session.ctx, path, { definitions: false }),
        ...cSiteRecords(session.ctx, path, cOptions),
      );
      const found = findingsOf(session, path, 'context', inputs.named.has(path));
      findings.push(...found.map((finding) => lintRecord(finding, session.display)));
    };
    const holdsC = (path: string): boolean => session.ctx.workspace.cUnit(path) !== null;
    const { complete, nFiles } = await forEachInput(inputs, session, io, look, holdsC);
    const more = (n: number, command: string): void => {
      if (n > 0) io.out(paint.dim(`... and ${n} more: patchpoint ${command} ${paths.join(' ')}\n\n`));
    };
    const { status } = session;
    io.out(
      `${paint.bold('Patchpoint')}  kernel ${status.version ?? 'of unknown version'}, configuration: ${status.configSource}\n`,
    );
    io.out(`${nFiles} file${nFiles === 1 ? '' : 's'}, ${sites.length} patch sites, ${findings.length} findings\n\n`);
    // What a header offers is seen where it is used.
    sites.sort((left, right) => Number(left.file.endsWith('.h')) - Number(right.file.endsWith('.h')));
    for (const site of oneOfEach(sites, [(one) => one.kind, (one) => one.construct], limit))
      io.out(`${siteListing(site, paint)}\n`);
    more(sites.length - limit, 'sites');
    for (const record of findingsInTurn(findings, limit)) {
      io.out(`${lintText(record, paint, sourceLines(session))}\n`);
    }
    more(findings.length - limit, 'lint');
    return complete ? 0 : 2;
  },
};

/** At most `limit` items in their order: the first of each kind, for one way to tell kinds after the other, then others. */
function oneOfEach<T>(items: readonly T[], waysToTell: readonly ((item: T) => string)[], limit: number): readonly T[] {
  const ordered = new Set<T>();
  for (const kindOf of waysToTell) {
    const kinds = new Set([...ordered].map(kindOf));
    for (const item of items) {
      if (kinds.has(kindOf(item))) continue;
      kinds.add(kindOf(item));
      ordered.add(item);
    }
  }
  for (const item of items) ordered.add(item);
  const chosen = new Set([...ordered].slice(0, limit));
  return items.filter((item) => chosen.has(item));
}

const severities: readonly LintRecord['severity'][] = ['error', 'warning', 'information'];

/** At most `limit` findings in their order: one of each rule, the gravest first, groups of rules taking turns. */
function findingsInTurn(findings: readonly LintRecord[], limit: number): readonly LintRecord[] {
  const groups = new Map<string, LintRecord[]>();
  const rules = new Set<string>();
  const weight = ({ severity }: LintRecord): number => severities.indexOf(severity);
  for (const one of findings.toSorted((left, right) => weight(left) - weight(right))) {
    const group = one.rule.split('.')[0] ?? one.rule;
    const known = groups.get(group) ?? [];
    if (!rules.has(one.rule)) groups.set(group, [...known, one]);
    rules.add(one.rule);
  }
  const turns = Math.max(0, ...[...groups.values()].map((group) => group.length));
  const inTurn = Array.from({ length: turns }, (_, turn) => [...groups.values()].flatMap((group) => group[turn] ?? []));
  const chosen = new Set([...inTurn.flat(), ...findings].slice(0, limit));
  return findings.filter((one) => chosen.has(one));
}

function parseLimit(text: string | null): number {
  if (text === null) return defaultLimit;
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`--limit ${text}: expected a number`);
  return Number(text);
}
