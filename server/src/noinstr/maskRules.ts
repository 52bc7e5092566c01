import { constantValue } from './flow/expressions.ts';
import type { PathState, Site } from './pathState.ts';
import { report } from './report.ts';
import type { Walk } from './walk.ts';

/** `PSR_I_BIT` of arch/arm64/include/uapi/asm/ptrace.h: interrupts are masked while it is set. */
const irqBit = 0x80n;

const unmasking: ReadonlySet<string> = new Set([
  'local_irq_enable',
  'raw_local_irq_enable',
  'arch_local_irq_enable',
  'local_daif_inherit',
  'local_daif_restore',
]);

function tell(walk: Walk, site: Site, state: PathState, name: string): void {
  report(walk, site, state, {
    rule: 'noinstr.irqs-unmasked-early',
    severity: 'error',
    subject: name,
    message: `${name} enables interrupts before the context is set up: an interrupt here could need RCU or schedule; move it below the enter primitive`,
  });
}

function matters(walk: Walk, state: PathState): boolean {
  return !walk.fixedContext && state.ctx === 'out' && !state.idle;
}

/** Calls by name that unmask interrupts. Tells whether all was said about it. */
export function checkUnmask(walk: Walk, site: Site, name: string, state: PathState): boolean {
  if (!unmasking.has(name)) return false;
  if (name === 'local_daif_restore') {
    const arg = site.op.kind === 'call' ? site.op.args[0] : undefined;
    const value = arg === undefined ? null : constantValue(arg);
    // With interrupts kept masked only trace_hardirqs_off() is left of it, where that is traced.
    if (value !== null && (value & irqBit) !== 0n) return !walk.hints.tracesIrqflags;
    if (value === null) return false;
  }
  if (!matters(walk, state)) return false;
  tell(walk, site, state, `${name}()`);
  return true;
}

/** `write_sysreg(x, daif)`: the value is assigned inside the macro. */
export function checkAssignment(walk: Walk, site: Site, state: PathState): void {
  const { op } = site;
  if (op.kind !== 'assign' || op.target !== '__val' || op.value === null || !matters(walk, state)) return;
  const expansion = op.token.expansion;
  if (expansion === null) return;
  let outer = expansion;
  while (outer.parent !== null && outer.macro.name !== 'write_sysreg') outer = outer.parent;
  if (outer.macro.name !== 'write_sysreg' || !/,\s*daif\s*\)/.test(walk.hints.useText(outer))) return;
  const value = constantValue(op.value);
  if (value !== null && (value & irqBit) === 0n) tell(walk, site, state, 'write_sysreg(…, daif)');
}

/** Inline assembly that clears the interrupt mask. */
export function checkAsm(walk: Walk, site: Site, state: PathState): void {
  const { op } = site;
  if (op.kind !== 'asm' || !matters(walk, state) || walk.claims.ofToken(op.token) !== null) return;
  const bits = /\bdaifclr\s*,\s*#?\s*(0x[0-9a-fA-F]+|\d+)/.exec(op.template)?.[1];
  if (bits !== undefined && (BigInt(bits) & 2n) !== 0n) tell(walk, site, state, 'msr daifclr');
}
