import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const compiler = 'aarch64-linux-gnu-gcc';

/** Why the cross compiler cannot be used, or null. */
export function missingCompiler(): string | null {
  if (spawnSync(compiler, ['--version']).status === 0) return null;
  return `${compiler} not found (Debian: apt install gcc-aarch64-linux-gnu)`;
}

/** The flags the built-in macro table was made with. */
export const plainFlags: readonly string[] = [
  '-nostdinc',
  '-mlittle-endian',
  '-mabi=lp64',
  '-fno-PIE',
  '-fno-asynchronous-unwind-tables',
  '-fno-unwind-tables',
];

export interface PrintedLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** What `gcc -E` prints: lines that are not blank, each with its place by the line markers. */
export function gccPreprocess(command: readonly string[], cwd: string): readonly PrintedLine[] {
  const run = spawnSync(command[0] ?? compiler, command.slice(1), { cwd, encoding: 'utf8', maxBuffer: 1 << 29 });
  const lines: PrintedLine[] = [];
  let file = '';
  let line = 0;
  for (const text of run.stdout.split('\n')) {
    const marker = /^# (\d+) "((?:[^"\\]|\\.)*)"(?: [\d ]+)?$/.exec(text);
    if (marker !== null) {
      line = Number(marker[1]);
      file = resolve(cwd, marker[2] ?? '');
      continue;
    }
    if (text.trim() !== '') lines.push({ file, line, text: text.trimEnd() });
    line++;
  }
  return lines;
}

export function gccPreprocessFile(path: string, cwd: string, flags: readonly string[] = []): readonly PrintedLine[] {
  return gccPreprocess([compiler, '-E', ...plainFlags, ...flags, path], cwd);
}

/** Definitions by name as `-dM` prints them: parameters and body. */
export function gccDefinitions(command: readonly string[], cwd: string): ReadonlyMap<string, string> {
  const run = spawnSync(command[0] ?? compiler, [...command.slice(1), '-dM'], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 29,
  });
  const found = new Map<string, string>();
  for (const match of run.stdout.matchAll(/^#define (\w+)(.*)$/gm)) found.set(match[1] ?? '', match[2] ?? '');
  return found;
}
