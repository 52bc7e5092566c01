import { estimateStream } from '../../cost/estimate.ts';
import type { StreamInsn as CostInsn } from '../../cost/program.ts';
import type { CSite } from '../../kernel/c/cSite.ts';
import type { StreamInsn } from '../../kernel/patchSite.ts';
import { binderFor, type CostContext, coreTitle } from '../cost/costContext.ts';
import type { CostReport, CostRow } from '../cost/costReport.ts';
import { assumedNote, costRow, siteCostAt, unboundedTexts } from '../cost/siteCost.ts';
import type { FeatureContext } from '../featureContext.ts';
import { openCFile } from './openCFile.ts';
import { sitesAt } from './siteAt.ts';
import { triggerLabel } from './siteLabel.ts';
import { linkedStream, otherStream } from './siteOutcome.ts';

/** Rows of a table: a name, and the instructions on its straight path. */
interface Row {
  readonly label: string;
  readonly insns: readonly string[] | null;
}

/** What a key in front of a direct call costs beside a static call (the choice that arm64's PREEMPT_DYNAMIC made). */
const guarded: readonly Row[] = [
  { label: 'with a key instead, off', insns: ['nop'] },
  { label: 'on', insns: ['b 1f', 'bl callee'] },
];

const noOperands = 'its operands are the compiler’s choice';

/**
 * Cost of both states of a site of C on the context's core, by itself: what the compiler puts around it is not known
 * from source. Operands that it chooses are given registers of their own. `null` while no tables are loaded.
 */
export function cSiteCost(ctx: FeatureContext, site: CSite): CostReport | null {
  const cost = ctx.cost ?? null;
  if (cost === null || site.removed !== null) return null;
  const linked = readable(linkedStream(site));
  const other = otherStream(site);
  const rows: readonly Row[] =
    site.staticCall !== null
      ? [{ label: 'static call', insns: linked }, ...guarded]
      : [
          { label: 'unpatched', insns: linked },
          { label: 'patched', insns: other === null ? null : readable(other) },
        ];
  const unknown = new Set<string>();
  const notes = new Set<string>(['by itself, without what the compiler puts around it']);
  return {
    title: `${site.construct} ${triggerLabel(site)}`,
    core: coreTitle(cost),
    rows: rows.map((row) => costOf(ctx, cost, row, unknown, notes)),
    unknown: [...unknown],
    notes: [...notes],
    difference: null,
  };
}

/** Cost of the site at an offset of any file, of assembly or C; `null` where there is none, or no tables yet. */
export function costHere(ctx: FeatureContext, path: string, offset: number): CostReport | null {
  return siteCostAt(ctx, path, offset) ?? cSiteCostAt(ctx, path, offset);
}

/** The same for the site at an offset: the first one of its place. `null` where there is none. */
export function cSiteCostAt(ctx: FeatureContext, path: string, offset: number): CostReport | null {
  const file = openCFile(ctx, path);
  const site = file === null ? undefined : sitesAt(file, offset)?.find(({ removed }) => removed === null);
  return site === undefined ? null : cSiteCost(ctx, site);
}

function costOf(
  ctx: FeatureContext,
  cost: CostContext,
  { label, insns }: Row,
  unknown: Set<string>,
  notes: Set<string>,
): CostRow {
  const none = { instructions: 0, bytes: 0, takenBranches: 0, uops: 0, cyclesOnce: null, looped: null, added: null };
  if (insns === null) return { label, ...none, failure: noOperands };
  const bind = binderFor(cost, ctx.state);
  const stream = insns.map((text): CostInsn => {
    const insn = bind(text);
    return { insn, taken: insn.branch !== null && insn.branch !== 'conditional' };
  });
  const { cancellation } = ctx;
  const figures = estimateStream(cost.tables.model, stream, {
    mode: 'kernel',
    timeline: false,
    looped: true,
    cancellation,
  });
  for (const text of unboundedTexts(figures)) unknown.add(text);
  for (const cause of figures.causes) if (cause.assumed) notes.add(assumedNote(cause));
  return costRow(label, figures);
}

/** Instructions with registers for operands; `null` when one has an operand that no register can stand for. */
function readable(stream: readonly StreamInsn[]): readonly string[] | null {
  const registers = new Map<string, number>();
  const out: string[] = [];
  for (const { text } of stream) {
    if (text.startsWith('.arch')) continue;
    const plain = withRegisters(text, registers);
    if (plain === null) return null;
    out.push(plain);
  }
  return out;
}

const operand = /%([a-z])?(?:\[(\w+)\]|(\d+))/g;
/** Mnemonics whose last operand is memory; the constraint `Q` gives it as a register in brackets. */
const accessesMemory = /^(ld|st|cas|swp|prfm)/;

function withRegisters(text: string, registers: Map<string, number>): string | null {
  const isMemory = accessesMemory.test(text);
  const plain = text.replace(operand, (whole, modifier: string | undefined, name = '', digits = '', at: number) => {
    if (modifier === 'l') return '1f';
    if (modifier !== undefined && modifier !== 'w' && modifier !== 'x') return whole;
    const key = `${name}${digits}`;
    const register = registers.get(key) ?? registers.size + 1;
    registers.set(key, register);
    if (register > 28) return whole;
    const isLast = at + whole.length === text.length;
    return isMemory && isLast && modifier === undefined ? `[x${register}]` : `${modifier ?? 'x'}${register}`;
  });
  return plain.includes('%') ? null : plain;
}
