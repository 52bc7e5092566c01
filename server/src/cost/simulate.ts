import { type Cancellation, CancelledError, neverCancelled } from '../base/cancellation.ts';
import { InOrderMachine } from './inOrder.ts';
import { OutOfOrderMachine } from './outOfOrder.ts';
import type { PreparedCore } from './preparedCore.ts';
import type { Program } from './program.ts';
import { Trace } from './trace.ts';

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

/** Long work in pieces of a few milliseconds; ends with its result. */
export type Work<T> = Generator<undefined, T, undefined>;

/** Does all of the work at once. */
export function finish<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Does the work and gives way to `pause` between its pieces. */
export async function finishAsync<T>(work: Work<T>, pause: () => Promise<void>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await pause();
  }
}

/**
 * Runs a program a number of times back to back on its core, as llvm-mca does. Cycles are absolute, from 0. Throws
 * `CancelledError` alone.
 */
export function simulate(
  program: Program,
  iterations: number,
  options: SimulationOptions = defaultSimulation,
): SimulationResult {
  return finish(simulation(program, iterations, options));
}

/** The same in pieces. */
export function* simulation(program: Program, iterations: number, options: SimulationOptions): Work<SimulationResult> {
  if (program.length === 0 || iterations <= 0) return emptyRun(program);
  const machine = startMachine(program, iterations, options);
  for (let steps = 0; ; steps += stepsPerSlice) {
    const state = machine.run(stepsPerSlice);
    const result = resultOf(machine, state, steps, options);
    if (result !== null) {
      giveBack(program, machine);
      return result;
    }
    yield;
  }
}

/**
 * Cycles per iteration in the long run. Exact where a repeat of the complete machine state is found within
 * `iterations`; else from the growth over the last half of them. Null when the run fails.
 */
export function* steadyCycles(program: Program, iterations: number, options: SimulationOptions): Work<number | null> {
  if (program.length === 0) return 0;
  const settings = { ...options, tracedIterations: 0 };
  const machine = startMachine(program, iterations, settings);
  for (let steps = 0; ; steps += stepsToPeriod) {
    const state = machine.run(stepsToPeriod);
    if (machine.period !== null) {
      giveBack(program, machine);
      return machine.period.cycles / machine.period.iterations;
    }
    if (options.cancellation.isCancellationRequested) throw new CancelledError();
    if (state === 'stuck') return null;
    if (state === 'done') break;
    if (steps % stepsPerSlice === 0) yield;
  }
  const whole = machine.totalCycles;
  const before = Math.floor(iterations / 2);
  const half = yield* simulation(program, before, settings);
  return half.kind === 'failed' ? null : (whole - half.totalCycles) / (iterations - before);
}

/** Steps between two looks for a period. */
const stepsToPeriod = 512;

type Machine = OutOfOrderMachine | InOrderMachine;

/** Machines of finished runs: their memory serves the next run on the core. */
const idleMachines = new WeakMap<PreparedCore, Machine>();

function startMachine(program: Program, iterations: number, options: SimulationOptions): Machine {
  const { core } = program;
  const isInOrder = core.model.kind === 'in-order';
  const machine = idleMachines.get(core) ?? (isInOrder ? new InOrderMachine(program) : new OutOfOrderMachine(program));
  idleMachines.delete(core);
  const traced = Math.min(options.tracedIterations, iterations);
  // A period cuts the run short, so the traced iterations must lie before it.
  machine.start(program, iterations, traced, iterations > 8 && traced <= 2);
  return machine;
}

function giveBack({ core }: Program, machine: Machine): void {
  idleMachines.set(core, machine);
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
      usedCycles: machine.pool.usedCycles.slice(),
      period: machine.period,
    };
  }
  if (state === 'stuck') return { kind: 'failed', reason: 'an instruction asks for more units than the core has' };
  if (options.cancellation.isCancellationRequested) throw new CancelledError();
  if (steps >= options.stepLimit) return { kind: 'failed', reason: `no end after ${options.stepLimit} steps` };
  return null;
}

function emptyRun({ core }: Program): SimulationResult {
  const usedCycles = new Float64Array(core.unitCount);
  return { kind: 'done', totalCycles: 0, trace: new Trace(0), usedCycles, period: null };
}
