import type { CppToken } from '../syntax/cpp/model.ts';
import { namedCall } from './callNames.ts';
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
  // The macro's own name says it.
  if (isInFaulting(walk, op.token)) return;
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

/** Whether a token is part of a user access by a macro, such as `get_user()`. */
function isInFaulting(walk: Walk, token: CppToken): boolean {
  for (let at = token.expansion; at !== null; at = at.parent) {
    if (namedCall(at.macro.name, walk.hints.atomics)?.rule === 'noinstr.faultable-early') return true;
  }
  return false;
}
