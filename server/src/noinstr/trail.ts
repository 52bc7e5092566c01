import type { PathFinding } from './finding.ts';
import { constantValue } from './flow/expressions.ts';
import { chainOf, type PathState, type Site, type Trail } from './pathState.ts';
import { namesAt } from './report.ts';

/** Whether interrupts are masked, as far as the calls on a path tell. */
export type Interrupts = 'masked' | 'open' | 'unknown';

/** One step of a path with what holds behind it. */
export interface TrailStep {
  readonly site: Site;
  /** Which way a condition went; `null` for what is no condition. */
  readonly taken: boolean | null;
  readonly after: PathState;
  readonly interrupts: Interrupts;
}

/** A path from the entry of a function to a finding: the entry's own state, then what matters on the way. */
export interface FindingTrail {
  readonly entry: { readonly state: PathState; readonly interrupts: Interrupts };
  /** In order. The last one is where the finding is. */
  readonly steps: readonly TrailStep[];
}

/**
 * The path of a finding that was traced: conditions that were decided, steps that change the state, the inlined calls
 * around those, and the finding's own. `null` without a trail. Exceptions and returns from idle arrive with interrupts
 * masked: that is what an entry with RCU not watching means here.
 */
export function findingTrail(finding: PathFinding): FindingTrail | null {
  const all: Trail[] = [];
  for (let at = finding.state.trail; at !== null; at = at.parent) all.unshift(at);
  const last = all.at(-1);
  if (last === undefined) return null;
  // Some rules speak before their step is noted.
  if (last.site.op !== finding.site.op) {
    all.push({ site: finding.site, before: finding.state, taken: null, parent: last });
  }
  const entry = all[0]?.before ?? finding.state;
  const atEntry: Interrupts = entry.ctx === 'out' ? 'masked' : 'unknown';
  let interrupts: Interrupts = atEntry;
  const steps = all.map(({ site, before, taken }, index) => {
    const after = all[index + 1]?.before ?? finding.state;
    const was = interrupts;
    interrupts = interruptsAfter(site, interrupts);
    const changes = interrupts !== was || isChanged(before, after);
    return { site, taken, after, interrupts, changes };
  });
  const shown = new Set<Site>();
  for (const { site, changes } of steps) if (changes) for (const one of chainOf(site).slice(0, -1)) shown.add(one);
  for (const one of chainOf(finding.site).slice(0, -1)) shown.add(one);
  const matters = ({ site, taken, changes }: (typeof steps)[number], index: number): boolean =>
    changes ||
    shown.has(site) ||
    index === steps.length - 1 ||
    (taken !== null && (site.via === null || shown.has(site.via)));
  return { entry: { state: entry, interrupts: atEntry }, steps: steps.filter(matters) };
}

function isChanged(before: PathState, after: PathState): boolean {
  return (
    before.depth !== after.depth ||
    before.ctx !== after.ctx ||
    before.idle !== after.idle ||
    before.entry.length !== after.entry.length ||
    before.exit.length !== after.exit.length
  );
}

/** `PSR_I_BIT`: interrupts are masked while it is set. */
const irqBit = 0x80n;

/** What an operation makes of the mask. Restoring a saved one makes it what it was at another place. */
function interruptsAfter(site: Site, before: Interrupts): Interrupts {
  const { op } = site;
  if (op.kind === 'asm') {
    const found = /\bdaif(set|clr)\s*,\s*#?\s*(0x[0-9a-fA-F]+|\d+)/.exec(op.template);
    if (found === null || (BigInt(found[2] ?? '0') & 2n) === 0n) return before;
    return found[1] === 'set' ? 'masked' : 'open';
  }
  if (op.kind !== 'call' && op.kind !== 'use') return before;
  for (const name of namesAt(site)) {
    if (/^((raw|arch)_)?local_irq_(disable|save)$|^local_daif_(mask|save)$/.test(name)) return 'masked';
    if (/^((raw|arch)_)?local_irq_enable$/.test(name)) return 'open';
    if (/^((raw|arch)_)?local_irq_restore$|^local_daif_inherit$/.test(name)) return 'unknown';
    if (name === 'local_daif_restore' && op.kind === 'call') {
      const value = op.args[0] === undefined ? null : constantValue(op.args[0]);
      if (value === null) return 'unknown';
      return (value & irqBit) === 0n ? 'open' : 'masked';
    }
  }
  return before;
}
