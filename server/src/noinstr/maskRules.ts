import { parseExpression } from '../syntax/cflow/statements.ts';
import { type AsmOp, type AssignOp, textOf } from './flow/graph.ts';
import type { PathState, Site } from './pathState.ts';
import { namesAt, report } from './report.ts';
import { valuesAt } from './siteValues.ts';
import type { Walk } from './walk.ts';

/** `PSR_I_BIT` of arch/arm64/include/uapi/asm/ptrace.h: interrupts are masked while it is set. */
const irqBit = 0x80n;

/** Masks that a file without its headers names all the same (arch/arm64/include/asm/daifflags.h, v6.1 and v6.12). */
const masks: ReadonlyMap<string, bigint> = new Map([
  ['PSR_F_BIT', 0x40n],
  ['PSR_I_BIT', 0x80n],
  ['PSR_A_BIT', 0x100n],
  ['PSR_D_BIT', 0x200n],
  ['DAIF_PROCCTX', 0n],
  ['DAIF_PROCCTX_NOIRQ', 0xc0n],
  ['DAIF_ERRCTX', 0x1c0n],
  ['DAIF_MASK', 0x3c0n],
]);

const unmasking: ReadonlySet<string> = new Set([
  'local_irq_enable',
  'raw_local_irq_enable',
  'arch_local_irq_enable',
  'local_daif_inherit',
  'local_daif_restore',
  'write_sysreg',
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
  if (name === 'write_sysreg') {
    const [arg, register] = site.op.kind === 'call' ? site.op.args : [];
    if (register?.[0]?.text !== 'daif' || arg === undefined || !unmasks(maskValues(site, textOf(arg)))) return false;
  }
  if (name === 'local_daif_restore') {
    const arg = site.op.kind === 'call' ? site.op.args[0] : undefined;
    const values = arg === undefined ? [] : maskValues(site, textOf(arg));
    if (values.length === 0) return false;
    // With interrupts kept masked only trace_hardirqs_off() is left of it, where that is traced.
    if (!unmasks(values)) return !walk.hints.tracesIrqflags;
  }
  if (!matters(walk, state)) return false;
  tell(walk, site, state, name === 'write_sysreg' ? 'write_sysreg(…, daif)' : `${name}()`);
  // Its raw form would be as early; that it tells tracing is another mistake.
  return name !== 'local_irq_enable';
}

/** `write_sysreg(x, daif)`: the value is assigned inside the macro. */
export function checkAssignment(walk: Walk, site: Site, state: PathState): void {
  const { op } = site;
  if (op.kind !== 'assign' || op.value === null || !matters(walk, state) || !isMaskWrite(walk, op)) return;
  if (unmasks(maskValues(site, textOf(op.value)))) tell(walk, site, state, 'write_sysreg(…, daif)');
}

/** Whether an assignment is the one in `write_sysreg(x, daif)` (arch/arm64/include/asm/sysreg.h). */
export function isMaskWrite(walk: Walk, { target, token }: AssignOp): boolean {
  if (target !== '__val') return false;
  let outer = token.expansion;
  while (outer !== null && outer.macro.name !== 'write_sysreg') outer = outer.parent;
  return outer !== null && /,\s*daif\s*\)$/.test(walk.hints.useText(outer));
}

/** Inline assembly that clears the interrupt mask. */
export function checkAsm(walk: Walk, site: Site, state: PathState): void {
  const { op } = site;
  if (op.kind !== 'asm' || !matters(walk, state) || walk.claims.ofToken(op.token) !== null) return;
  // What it writes is assigned in it first, and was looked at there.
  if (namesAt(site).includes('write_sysreg')) return;
  // The second name is the register's encoding, for assemblers that do not know it.
  for (const [, register, operand] of op.template.matchAll(/\bmsr\s+(daifclr|daif|s3_3_c4_c2_1)\s*,\s*([^\n;]+)/gi)) {
    if (register === undefined || operand === undefined) continue;
    const values = operandValues(site, op, operand.trim());
    const clears = register.toLowerCase() === 'daifclr';
    if (!(clears ? values.some((value) => (value & 2n) !== 0n) : unmasks(values))) continue;
    tell(walk, site, state, clears ? 'msr daifclr' : 'msr daif');
    return;
  }
}

/** Values of an operand as written in a template: of a number, the zero register, or what `%` stands for. */
function operandValues(site: Site, { operands }: AsmOp, text: string): readonly bigint[] {
  if (/^[xw]zr$/i.test(text)) return [0n];
  const hole = /^#?%[a-zA-Z]?(?:(\d+)|\[(\w+)\])/.exec(text);
  if (hole === null) return valuesAt(site, text.replace(/^#/, '').replace(/(?:\/\/|@).*$/, ''), masks);
  const [, index, name] = hole;
  const operand = name === undefined ? operands[Number(index)] : operands.find((one) => one.name === name);
  return operand === undefined ? [] : maskValues(site, textOf(operand.value));
}

/**
 * Values that a mask can have at a site. Of one that is made by clearing bits it is the bits that may be left, as far as
 * that says that interrupts are unmasked.
 */
function maskValues(site: Site, text: string, depth = 0): readonly bigint[] {
  const values = valuesAt(site, text, masks);
  if (values.length > 0 || depth > 2) return values;
  let expr = parseExpression(text);
  while (expr.kind === 'cast') expr = expr.operand;
  if (expr.kind === 'name') {
    const { name } = expr;
    const stores = site.fn.graph.nodes.flatMap(({ op }) => (op?.kind === 'assign' && op.target === name ? [op] : []));
    const [only, more] = stores;
    return only?.value == null || more !== undefined ? [] : maskValues(site, textOf(only.value), depth + 1);
  }
  if (expr.kind !== 'binary' || expr.op !== '&') return [];
  const sides = [expr.left, expr.right].flatMap(({ at, end }) => valuesAt(site, text.slice(at, end), masks));
  return unmasks(sides) ? sides : [];
}

/** Whether one of the values leaves interrupts unmasked. */
function unmasks(values: readonly bigint[]): boolean {
  return values.some((value) => (value & irqBit) === 0n);
}
