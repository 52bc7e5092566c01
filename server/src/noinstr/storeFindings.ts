import { calledText } from './callRules.ts';
import { rootSite } from './pathState.ts';
import { type PlacedFinding, placeOf } from './place.ts';
import type { Walk } from './walk.ts';

/** Stores into hooks that the walk found called where nothing may be instrumented. */
export function storeFindings(walk: Walk): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { site, op, targets } of walk.hookUses) {
    const called = calledText(walk, op);
    for (const { name, path, offset, class: kind, member, inCall, isLocal } of targets.stores) {
      const isInline = kind === 'always-inline' || kind === 'inline';
      if (isLocal || (!isInline && kind !== 'plain')) continue;
      const call = placeOf(rootSite(site));
      findings.push({
        ...(inCall ? placeOf(site) : { file: path, offset: Math.max(0, offset), length: name.length }),
        rule: isInline ? 'noinstr.inline-address-taken' : 'noinstr.hook-target-instrumentable',
        severity: 'warning',
        message: isInline
          ? `${name} has its address taken here, so an out-of-line copy in .text is what ${walk.root.name} runs; make it noinstr`
          : inCall
            ? `${name} is what ${called} can be here, which noinstr ${walk.root.name} calls; it must be noinstr`
            : `${name} is stored in ${member ?? called}, which noinstr ${walk.root.name} calls; it must be noinstr`,
        caller: walk.root.name,
        subject: name,
        related: [{ ...call, message: `called in ${walk.root.name}()` }],
        replacement: null,
        finding: null,
      });
    }
  }
  return findings;
}
