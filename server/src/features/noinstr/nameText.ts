import type { TextRange } from '../../base/text.ts';
import { fatalCalls, namedCall } from '../../noinstr/callNames.ts';
import { type PathState, rootSite, type Site } from '../../noinstr/pathState.ts';
import { orderSteps, primitives } from '../../noinstr/primitives.ts';
import { namesAt } from '../../noinstr/report.ts';
import type { Callee } from '../../noinstr/resolve.ts';
import { outermostPlace } from '../../noinstr/unit.ts';
import type { Finding } from '../diagnostics.ts';
import type { FeatureContext } from '../featureContext.ts';
import { allowComment } from './allowComments.ts';
import { standingOf } from './describeNoinstr.ts';
import type { Standing } from './noinstrFile.ts';
import { calleeNamed, type OpenNoinstr } from './openNoinstr.ts';

/** A name in the text of a noinstr function, or of a function that is inlined into some, with the states there. */
export interface NamedPlace {
  readonly range: TextRange;
  /** `null` for a place without a name, such as a condition. */
  readonly name: string | null;
  readonly sites: readonly Site[];
  readonly states: readonly PathState[];
  /** Noinstr functions that come here. */
  readonly roots: ReadonlySet<string>;
}

/** Whether a call is allowed where it stands, and why, as Markdown. `findings`: what is told of the file. */
export function nameText(
  ctx: FeatureContext,
  open: OpenNoinstr,
  place: NamedPlace,
  findings: readonly Finding[],
): string {
  const { name, sites, states, range, roots } = place;
  if (name === null) return '';
  const standing = standingOf(states);
  const where = `${whereText(ctx, standing, states)}${inlinedText(sites, roots)}`;
  const { path } = open.analysis.unit;
  // What is wrong in an inlined helper stands at the call of it.
  const isInlined = sites.every(({ via }) => via !== null);
  const told = findings.filter(
    (one) =>
      one.range.start === range.start ||
      (isInlined && one.related.some((related) => related.path === path && related.range.start === range.start)),
  );
  if (told.length > 0) {
    const isRefused = told.some((one) => one.severity !== 'information');
    const rules = [...new Set(told.map((one) => `\`${one.rule}\``))].join(', ');
    return `**noinstr: ${isRefused ? 'not allowed' : 'noted'}** (${rules}): ${toldText(open, place, name, told)} ${where}`;
  }
  const comment = allowComment(ctx.workspace.textOf(path) ?? '', ctx.workspace.lineIndexOf(path), range.start);
  const isFree = standing === 'IN' || standing === 'region';
  if (comment !== null && !isFree) {
    return `**noinstr: allowed** by a comment (\`${comment.rule}\`): ${comment.reason}. ${where}`;
  }
  const { verdict, reason } = reasonOf(open, place, name, standing);
  return `**noinstr: ${verdict}.** ${reason} ${where}`;
}

/** What is wrong with a call that findings are told of: what can look into the callee, else what they say. */
function toldText(open: OpenNoinstr, place: NamedPlace, name: string, told: readonly Finding[]): string {
  const callee = calleeOf(open, place, name);
  const isCall = told.every(({ rule }) => callRules.has(rule));
  if (isCall && callee !== null && callee.kind !== 'unknown') {
    const what = classText(open, name, callee);
    if (!what.isSafe) return what.text;
  }
  return told.map((one) => `${one.message}.`).join(' ');
}

/** Rules whose message says no more than what can look into the callee. */
const callRules: ReadonlySet<string> = new Set(['noinstr.calls-instrumentable', 'noinstr.partial-protection']);

function calleeOf(open: OpenNoinstr, { sites }: NamedPlace, name: string): Callee | null {
  return sites.some(({ op }) => op.kind === 'call' && op.callee === name) ? calleeNamed(open, name) : null;
}

/** The standing as a sentence, with the line that brought it about where all paths agree. */
function whereText(ctx: FeatureContext, standing: Standing, states: readonly PathState[]): string {
  const at = (pick: (state: PathState) => Site | null): string | null => {
    const [first] = states.map(pick);
    if (first == null || states.some((state) => pick(state)?.op !== first.op)) return null;
    const { file, offset } = outermostPlace(rootSite(first).op.token);
    const line = ctx.workspace.lineIndexOf(file)?.lineAt(offset);
    const [name] = namesAt(rootSite(first));
    return line === undefined || name === undefined ? null : `\`${name}()\` on line ${line}`;
  };
  switch (standing) {
    case 'region': {
      const opened = at((state) => state.regions.at(-1) ?? null);
      return `An instrumentation region is open here${opened === null ? '' : `, since ${opened}`}.`;
    }
    case 'IN': {
      const entered = at((state) => state.entered);
      return `RCU is watching here${entered === null ? '' : `, since ${entered}`}.`;
    }
    case 'OUT': {
      const left = at((state) => state.left);
      return left === null ? 'RCU is not watching here yet.' : `RCU is not watching here, since ${left}.`;
    }
    case '?': {
      const isOpen = states.every((state) => state.ctx === 'unknown');
      if (isOpen) return 'Whether RCU is watching here is up to the caller.';
      const isBad = states.some((state) => state.depth === 0 && state.ctx === 'out');
      return isBad ? 'On some path RCU is not watching here.' : 'Whether RCU is watching here depends on the path.';
    }
  }
}

const maxRoots = 3;

function inlinedText(sites: readonly Site[], roots: ReadonlySet<string>): string {
  if (sites.some(({ via }) => via === null)) return '';
  const names = [...roots].slice(0, maxRoots).map((name) => `\`${name}()\``);
  const more = roots.size > maxRoots ? ` and ${roots.size - maxRoots} more` : '';
  return ` (Inlined into ${names.join(', ')}${more}.)`;
}

interface Reason {
  readonly verdict: 'allowed' | 'not checked';
  readonly reason: string;
}

function reasonOf(open: OpenNoinstr, place: NamedPlace, name: string, standing: Standing): Reason {
  const allowed = (reason: string): Reason => ({ verdict: 'allowed', reason });
  if (name === 'instrumentation_begin') return allowed('What follows may be instrumented.');
  if (name === 'instrumentation_end') return allowed('Behind it nothing may be instrumented any more.');
  const effect = primitives.get(name)?.effect;
  if (effect === 'enter') return allowed(`\`${name}()\` enters the context: behind it RCU is watching.`);
  if (effect === 'leave') return allowed(`\`${name}()\` leaves the context: behind it RCU is not watching.`);
  const isFree = standing === 'IN' || standing === 'region';
  if (!isFree && orderSteps.has(name)) return allowed(`\`${name}()\` is a step of entry or exit, in its place.`);
  if (namedCall(name, 'raw')?.rule === null) return allowed(`\`${name}()\` is safe everywhere in noinstr code.`);
  const callee = calleeOf(open, place, name);
  if (callee === null) {
    return allowed(isFree ? 'What it does may be instrumented.' : 'Nothing that it expands to can be instrumented.');
  }
  const what = classText(open, name, callee);
  if (what.isSafe) return allowed(what.text);
  if (isFree) return allowed(`${what.text} That is fine.`);
  if (callee.kind === 'unknown') return { verdict: 'not checked', reason: what.text };
  if (fatalCalls.has(name)) return allowed(`\`${name}()\` does not come back.`);
  return allowed(`${what.text} Nothing speaks against it here.`);
}

/** What can look into a called function. */
function classText(
  open: OpenNoinstr,
  name: string,
  callee: Callee,
): { readonly text: string; readonly isSafe: boolean } {
  const safe = (text: string): { text: string; isSafe: boolean } => ({ text, isSafe: true });
  const notrace =
    callee.kind === 'function' ? callee.fn.notrace : callee.kind === 'outside' ? callee.outside.notrace : false;
  const nokprobe = open.knowledge.isNokprobe(name, open.analysis.unit.text);
  const ways = [...(notrace ? [] : ['traced']), ...(nokprobe ? [] : ['probed']), 'sanitized'];
  const last = ways.pop() ?? '';
  const can = `can be ${ways.length === 0 ? last : `${ways.join(', ')} and ${last}`}`;
  switch (callee.kind) {
    case 'builtin':
      return safe(`\`${name}()\` is the compiler's own.`);
    case 'unknown':
      return { text: `Nothing is claimed about \`${name}()\`: ${callee.reason}.`, isSafe: false };
    case 'function':
      if (callee.fn.class === 'noinstr') return safe(`\`${name}()\` is noinstr itself.`);
      if (callee.fn.class === 'always-inline')
        return safe(`\`${name}()\` is always inlined, and its own calls are checked here.`);
      if (callee.fn.class === 'inline')
        return { text: `\`${name}()\` is inline, and ${can} where the compiler leaves it out of line.`, isSafe: false };
      return { text: `\`${name}()\` ${can}.`, isSafe: false };
    case 'outside':
      if (callee.outside.class === 'noinstr') return safe(`\`${name}()\` is noinstr itself.`);
      if (callee.outside.class === 'assembly')
        return safe(
          `\`${name}()\` is assembly: it has no trace site and no sanitizer${nokprobe ? '' : ', though it can be probed'}.`,
        );
      return { text: `\`${name}()\` ${can}.`, isSafe: false };
  }
}
