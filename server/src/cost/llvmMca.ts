// What llvm-mca is given and what it answers. Nothing here starts it: that is the runner's business, which a host has
// or has not.

/** Starts llvm-mca, where there are processes. */
export interface McaRunner {
  /** Output of one run; never rejects for what the tool or its absence does. */
  readonly run: (program: string, args: readonly string[], input: string) => Promise<McaRun>;
}

/** How a run ended. `reason` and `complaint` are for people. */
export type McaRun =
  | { readonly kind: 'done'; readonly output: string }
  /** The tool ran and refused its input. */
  | { readonly kind: 'refused'; readonly complaint: string }
  /** It did not run, or not to its end. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Figures of the summary of one block. */
export interface McaFigures {
  readonly instructions: number;
  readonly totalCycles: number;
  readonly totalUops: number;
  readonly blockRThroughput: number;
}

/** Arguments for a block on standard input: what the model's records were made with, as JSON. */
export function mcaArguments(core: string, iterations: number): readonly string[] {
  return ['-mtriple=aarch64', '-mattr=+all', `-mcpu=${core}`, `-iterations=${iterations}`, '-json', '-'];
}

/**
 * A stream as LLVM's assembler reads it: one instruction a line. Numbered labels, which are not in the text, become
 * named ones; a target's place does not matter to llvm-mca.
 */
export function mcaInput(texts: readonly string[]): string {
  return texts.map((text) => `\t${text.replace(/(^\S+\s+|,\s*)(\d+)([bf])$/, '$1.Lnumbered_$2$3')}\n`).join('');
}

/** Reads the JSON of one block; `null` when it is not what llvm-mca 13 to 22 print. */
export function readMcaOutput(output: string): McaFigures | null {
  const region = first(member(parsed(output), 'CodeRegions'));
  const summary = member(region, 'SummaryView');
  const instructions = member(region, 'Instructions');
  const number = (name: string): number | null => {
    const value = member(summary, name);
    return typeof value === 'number' ? value : null;
  };
  const totalCycles = number('TotalCycles');
  const totalUops = number('TotaluOps');
  const blockRThroughput = number('BlockRThroughput');
  if (!Array.isArray(instructions) || totalCycles === null || totalUops === null || blockRThroughput === null) {
    return null;
  }
  return { instructions: instructions.length, totalCycles, totalUops, blockRThroughput };
}

/** `LLVM 19.1.7` from what `--version` prints; `null` when it is not LLVM's. */
export function readMcaVersion(output: string): string | null {
  return /\bLLVM version (\S+)/.exec(output)?.[1] ?? null;
}

/** The first line of a complaint that says something, without the path of the program and color. */
export function mcaComplaint(text: string): string {
  const plain = text.replace(/\u001b\[[0-9;]*m/g, '');
  const lines = plain.split('\n').map((line) => line.trim());
  const message =
    lines.find((line) => line.includes('error:')) ?? lines.find((line) => line !== '') ?? 'no reason given';
  const insn = /^note: instruction:\s*(.+)$/m.exec(plain)?.[1]?.trim().replace(/\s+/g, ' ');
  return message.replace(/^.*?error:\s*/, '').replace(/, use -skip-.*$/, '') + (insn === undefined ? '' : `: ${insn}`);
}

function parsed(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}
