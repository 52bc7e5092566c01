import { type Cancellation, CancelledError, neverCancelled } from '../base/cancellation.ts';
import { InOrderMachine } from './inOrder.ts';
import { OutOfOrderMachine } from './outOfOrder.ts';
import type { Program } from './program.ts';
import type { Trace } from './trace.ts';

export interface SimulationOptions {
  /** Iterations whose instructions are traced; 0 for the total alone. */
  readonly tracedIterations: number;
  readonly cancellation: Cancellation;
  /** Steps (visited cycles, or instructions on an in-order core) after which the run gives up. */
  readonly stepLimit: number;
}

export const defaultSimulation: SimulationOptions = {
  tracedIterations: 0,
  cancellation: neverCancelled,
  stepLimit: 20_000_000,
};

export type SimulationResult =
  | {
      readonly kind: 'done';
      /** From the first cycle to the retirement of the last instruction. */
      readonly totalCycles: number;
      readonly trace: Trace;
      /** Cycles of use per unit, over all iterations; order of `PreparedCore.unitNames`. */
      readonly usedCycles: Float64Array;
      /** Steady state, where a repeat of the complete machine state proved one. */
      readonly period: { readonly iterations: number; readonly cycles: number } | null;
    }
  /** The run was given up; `reason` is for people. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Steps between two looks at the cancellation; well below 8 ms of work. */
const stepsPerSlice = 8192;

/**
 * Runs a program a number of times back to back on its core, as llvm-mca does. Cycles are absolute, from 0. Throws
 * `CancelledError` alone.
 */
export function simulate(
  program: Program,
  iterations: number,
  options: SimulationOptions = defaultSimulation,
): SimulationResult {
  if (program.length === 0 || iterations <= 0) return emptyRun(program, iterations);
  const machine = machineFor(program, iterations, options);
  for (let steps = 0; ; steps += stepsPerSlice) {
    const state = machine.run(stepsPerSlice);
    const result = resultOf(machine, state, steps, options);
    if (result !== null) return result;
  }
}

/** Like `simulate`, and gives way to `pause` every few milliseconds. */
export async function simulateAsync(
  program: Program,
  iterations: number,
  options: SimulationOptions,
  pause: () => Promise<void>,
): Promise<SimulationResult> {
  if (program.length === 0 || iterations <= 0) return emptyRun(program, iterations);
  const machine = machineFor(program, iterations, options);
  for (let steps = 0; ; steps += stepsPerSlice) {
    const state = machine.run(stepsPerSlice);
    const result = resultOf(machine, state, steps, options);
    if (result !== null) return result;
    await pause();
  }
}

type Machine = OutOfOrderMachine | InOrderMachine;

function machineFor(program: Program, iterations: number, options: SimulationOptions): Machine {
  const traced = Math.min(options.tracedIterations, iterations);
  // A period cuts the run short, so the traced iterations must lie before it.
  const findPeriod = iterations > 8 && traced <= 2;
  return program.core.model.kind === 'in-order'
    ? new InOrderMachine(program, iterations, traced, findPeriod)
    : new OutOfOrderMachine(program, iterations, traced, findPeriod);
}

function resultOf(
  machine: Machine,
  state: 'done' | 'more' | 'stuck',
  steps: number,
  options: SimulationOptions,
): SimulationResult | null {
  if (state === 'done') {
    return {
      kind: 'done',
      totalCycles: machine.totalCycles,
      trace: machine.trace,
      usedCycles: machine.pool.usedCycles,
      period: machine.period,
    };
  }
  if (state === 'stuck') return { kind: 'failed', reason: 'an instruction asks for more units than the core has' };
  if (options.cancellation.isCancellationRequested) throw new CancelledError();
  if (steps >= options.stepLimit) return { kind: 'failed', reason: `no end after ${options.stepLimit} steps` };
  return null;
}

function emptyRun(program: Program, iterations: number): SimulationResult {
  const machine = new InOrderMachine(program, Math.max(0, iterations), 0, false);
  return { kind: 'done', totalCycles: 0, trace: machine.trace, usedCycles: machine.pool.usedCycles, period: null };
}
