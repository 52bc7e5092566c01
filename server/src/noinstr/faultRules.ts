import { elsewhere } from './calls.ts';
import type { PathState, Site } from './pathState.ts';
import { isAllowed, report } from './report.ts';
import type { Walk } from './walk.ts';

/** A load or store through a value that user space put into a register, where a fault could not be handled. */
export function checkAccess(walk: Walk, site: Site, state: PathState): void {
  const { op, fn } = site;
  if (op.kind !== 'access' || walk.fixedContext || state.ctx !== 'out' || isAllowed(walk, state)) return;
  // Other structures have members of these names too.
  if (!/\bpt_regs\b/.test(fn.parameterText)) return;
  const address = op.address
    .map(({ text }) => text)
    .join(' ')
    .replace(/ ?(->|\.|\[|\]|\(|\)) ?/g, '$1');
  report(walk, site, state, {
    rule: 'noinstr.faultable-early',
    severity: 'warning',
    subject: address,
    message: `an access through ${address} may fault, and the fault handler needs the context; ${elsewhere(state)}`,
  });
}
