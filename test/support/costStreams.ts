import { bundledCostData } from '../../server/src/cost/bundledCostData.ts';
import { type EstimateOptions, estimateStream, type StreamCost } from '../../server/src/cost/estimate.ts';
import type { MachineMode } from '../../server/src/cost/model.ts';
import type { StreamInsn } from '../../server/src/cost/program.ts';
import { type CoreTables, makeBinder, TableCache } from '../../server/src/cost/records.ts';

const tables = new TableCache(bundledCostData);

/** Tables of a shipped core, through the product's own loader. */
export function coreTables(core: string): Promise<CoreTables> {
  return tables.core(core);
}

/** Features of a recent machine. */
export const someFeatures: ReadonlySet<string> = new Set(['PAuth', 'BTI', 'RAS', 'CLRBHB']);

/**
 * A stream from instructions separated by `;` or line breaks. Branches count as taken, conditional ones only with
 * `!!` behind the instruction.
 */
export async function streamOf(core: string, mode: MachineMode, text: string): Promise<readonly StreamInsn[]> {
  const bind = makeBinder(await coreTables(core), { mode, features: someFeatures });
  return text
    .split(/[;\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line): StreamInsn => {
      const insn = bind(line.replace(/\s*!!$/, ''));
      const taken = insn.branch !== null && (insn.branch !== 'conditional' || line.endsWith('!!'));
      return { insn, taken };
    });
}

/** Cost of such a stream. */
export async function costOf(
  core: string,
  mode: MachineMode,
  text: string,
  options: Partial<EstimateOptions> = {},
): Promise<StreamCost> {
  const stream = await streamOf(core, mode, text);
  return estimateStream((await coreTables(core)).model, stream, { mode, timeline: true, ...options });
}

/** `4`, `4..9`, `>= 4` or `-`; two decimals where there are any. */
export function intervalText(cycles: { readonly lo: number; readonly hi: number | null } | null): string {
  if (cycles === null) return '-';
  const shown = (value: number): string => String(Number(value.toFixed(2)));
  if (cycles.hi === null) return `>= ${shown(cycles.lo)}`;
  return cycles.lo === cycles.hi ? shown(cycles.lo) : `${shown(cycles.lo)}..${shown(cycles.hi)}`;
}
