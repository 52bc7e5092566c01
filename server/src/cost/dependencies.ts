import { anyWriteClass, type BoundInsn, type ReadRecord, registerCount, registerIds } from './model.ts';
import { leavesFlagsAlone, type Position, writeClassOf, writeLatency } from './positions.ts';
import type { Program } from './program.ts';

/** Register dependencies by consumer; see `Program`. */
export interface Edges {
  /** First edge of each consumer, and the number of all edges. */
  readonly start: number[];
  readonly producer: number[];
  readonly delta: number[];
  readonly delay: number[];
}

/** Writes of one instruction that can be told apart. */
const writesPerInsn = 8;

/** Used within one call of `findEdges`. */
const lastWrites = new Int32Array(registerCount);

/** Two rounds over the stream: the second one sees what the first one wrote last. */
export function findEdges(positions: readonly Position[]): Edges {
  const n = positions.length;
  const edges: Edges = { start: [], producer: [], delta: [], delay: [] };
  // Last write of each register: instruction of both rounds * writesPerInsn + number of the write; -1: none yet.
  const lastWrite = lastWrites.fill(-1);
  for (let at = 0; at < n * 2; at++) {
    const position = positions[at < n ? at : at - n];
    if (at >= n) edges.start.push(edges.producer.length);
    if (position === undefined || position.registers === null) continue;
    if (at >= n) addReads(position, position.registers, positions, lastWrite, edges);
    noteWrites(position, position.registers, at * writesPerInsn, lastWrite);
  }
  edges.start.push(edges.producer.length);
  return edges;
}

function noteWrites(position: Position, insn: BoundInsn, base: number, lastWrite: Int32Array): void {
  const { writes } = insn;
  const leavesFlags = position.own !== null && leavesFlagsAlone(insn);
  for (let w = 0; w < writes.length; w++) {
    const registers = writes[w]?.registers;
    if (registers === undefined) continue;
    for (let i = 0; i < registers.length; i++) {
      const register = registers[i] ?? 0;
      if (leavesFlags && register === registerIds.nzcv) continue;
      const before = lastWrite[register] ?? -1;
      // An instruction that writes a register twice counts the slower one.
      if (before >= base && writeLatency(position, before - base) > writeLatency(position, w)) continue;
      lastWrite[register] = base + w;
    }
  }
}

function addReads(
  position: Position,
  insn: BoundInsn,
  positions: readonly Position[],
  lastWrite: Int32Array,
  edges: Edges,
): void {
  const n = positions.length;
  const { reads } = insn;
  for (let r = 0; r < reads.length; r++) {
    const registers = reads[r]?.registers;
    if (registers === undefined) continue;
    for (let i = 0; i < registers.length; i++) {
      const source = lastWrite[registers[i] ?? 0] ?? -1;
      if (source < 0 || (i > 0 && seenBefore(registers, i, source, lastWrite))) continue;
      const at = Math.floor(source / writesPerInsn);
      const producer = at >= n ? at - n : at;
      const from = positions[producer];
      if (from === undefined) continue;
      const write = source % writesPerInsn;
      const advance = advanceOf(position.record.reads[r], writeClassOf(from, write));
      edges.producer.push(producer);
      edges.delta.push(at >= n ? 0 : 1);
      edges.delay.push(Math.max(0, writeLatency(from, write) - advance));
    }
  }
}

/** A read that covers several registers depends on each write once. */
function seenBefore(registers: readonly number[], upTo: number, source: number, lastWrite: Int32Array): boolean {
  for (let i = 0; i < upTo; i++) if (lastWrite[registers[i] ?? 0] === source) return true;
  return false;
}

function advanceOf(read: ReadRecord | undefined, writeClass: number): number {
  if (read === undefined) return 0;
  const { advances } = read;
  for (let i = 0; i < advances.length; i++) {
    const advance = advances[i];
    if (advance === undefined) continue;
    if (advance.writeClass === anyWriteClass || advance.writeClass === writeClass) return advance.cycles;
  }
  return 0;
}

/** The edges sorted by producer. */
export function byProducer(
  edges: Edges,
  n: number,
): Pick<Program, 'outStart' | 'outConsumer' | 'outDelta' | 'outDelay'> {
  const { start, producer, delta, delay } = edges;
  const count = producer.length;
  const outStart = zeros(n + 1);
  const outConsumer = zeros(count);
  const outDelta = zeros(count);
  const outDelay = zeros(count);
  for (let edge = 0; edge < count; edge++) {
    const from = producer[edge] ?? 0;
    outStart[from] = (outStart[from] ?? 0) + 1;
  }
  for (let p = 1; p <= n; p++) outStart[p] = (outStart[p] ?? 0) + (outStart[p - 1] ?? 0);
  // Filled from behind, so that each start comes to lie on its first edge.
  for (let consumer = n - 1; consumer >= 0; consumer--) {
    for (let edge = (start[consumer + 1] ?? 0) - 1; edge >= (start[consumer] ?? 0); edge--) {
      const from = producer[edge] ?? 0;
      const at = (outStart[from] ?? 0) - 1;
      outStart[from] = at;
      outConsumer[at] = consumer;
      outDelta[at] = delta[edge] ?? 0;
      outDelay[at] = delay[edge] ?? 0;
    }
  }
  return { outStart, outConsumer, outDelta, outDelay };
}

/** Plain arrays: streams are short, and small typed arrays cost more to make than to use. */
function zeros(length: number): number[] {
  const made: number[] = [];
  for (let i = 0; i < length; i++) made.push(0);
  return made;
}
