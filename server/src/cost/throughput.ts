import type { Program } from './program.ts';

/**
 * Block reciprocal throughput in cycles per iteration: the larger of micro-ops by width, and of each resource's cycles
 * by its units. A bound from counting, without dependencies.
 * Source: llvm/lib/MCA/Support.cpp:computeBlockRThroughput and tools/llvm-mca/Views/SummaryView.cpp, LLVM 19.1.7.
 */
export function blockReciprocalThroughput(program: Program): number {
  const { core } = program;
  const cycles = new Float64Array(core.capacity.length);
  let most = totalUops(program) / core.model.widthUops;
  for (const plan of program.plans) {
    plan.resource.forEach((resource, i) => {
      cycles[resource] = (cycles[resource] ?? 0) + (plan.cycles[i] ?? 0);
    });
  }
  cycles.forEach((used, resource) => {
    const units = core.capacity[resource] ?? 0;
    if (used > 0 && units > 0) most = Math.max(most, used / units);
  });
  return most;
}

/** Micro-ops of one iteration. */
export function totalUops(program: Program): number {
  let sum = 0;
  for (const uops of program.uops) sum += uops;
  return sum;
}

/** Cycles per iteration of each unit that is used; names and order are llvm-mca's. */
export function unitPressure(
  program: Program,
  usedCycles: Float64Array,
  iterations: number,
): ReadonlyMap<string, number> {
  const pressure = new Map<string, number>();
  usedCycles.forEach((used, unit) => {
    if (used > 0) pressure.set(program.core.unitNames[unit] ?? '', used / iterations);
  });
  return pressure;
}
