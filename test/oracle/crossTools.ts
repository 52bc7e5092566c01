import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { type ElfFile, readElf } from '../support/elf.ts';
import type { KernelBuild, KernelObject } from './kernelBuilds.ts';

const assembler = 'aarch64-linux-gnu-as';

/** A statement of a `.S` file as the compiler's preprocessor leaves it, and where its code begins. */
export interface PlacedStatement {
  /** Relative to the tree. */
  readonly file: string;
  readonly line: number;
  readonly section: string;
  readonly offset: number;
}

/** GNU tools for arm64 in a directory of their own. */
export interface CrossTools {
  /**
   * The object of assembly text, assembled with no options, or what the assembler says against it. Relative paths of
   * `.incbin` count from the build directory, as in the kernel's build.
   */
  assemble(text: string, build: KernelBuild): ElfFile | string;
  /**
   * Where each statement that stands outside of macro definitions begins, in the order of the file: the file is
   * preprocessed as the kernel's build does it and assembled with a label before each line. (Line records of `-g`
   * will not do: the assembler writes one only where the line changes, in whatever section it happens to be.)
   */
  placedStatements(build: KernelBuild, object: KernelObject): PlacedObject;
  dispose(): void;
}

export interface PlacedObject {
  readonly elf: ElfFile;
  readonly statements: readonly PlacedStatement[];
}

export function openCrossTools(): CrossTools {
  const directory = mkdtempSync(join(tmpdir(), 'patchpoint-oracle-'));
  let count = 0;
  const assemble = (text: string, { directory: cwd }: KernelBuild, options: readonly string[]): ElfFile | string => {
    const stem = join(directory, `${++count}`);
    writeFileSync(`${stem}.s`, text);
    const run = spawnSync(assembler, [...options, '-o', `${stem}.o`, `${stem}.s`], { encoding: 'utf8', cwd });
    if (run.error) throw run.error;
    const elf = run.status === 0 ? readElf(`${stem}.o`) : run.stderr.split('\n').slice(0, 6).join('\n');
    rmSync(`${stem}.s`);
    return elf;
  };
  return {
    assemble: (text, build) => assemble(text, build, []),
    placedStatements: (build, object) => {
      const output = join(directory, `${++count}.i`);
      const command = object.command.replace(/ -Wp,-MMD,\S+/, '').replace(/ -c -o \S+/, ` -E -o ${output}`);
      execFileSync('sh', ['-c', command], { cwd: build.directory });
      const { text, lines } = labelLines(readFileSync(output, 'utf8'));
      const elf = assemble(text, build, []);
      if (typeof elf === 'string') throw new Error(elf);
      const statements: PlacedStatement[] = [];
      const symbols = new Map(elf.symbols.map((symbol) => [symbol.name, symbol]));
      lines.forEach(({ file, line }, index) => {
        // A line that a condition leaves out has no label.
        const symbol = symbols.get(`${labelPrefix}${index}`);
        const section = elf.sections[symbol?.section ?? 0]?.name;
        if (symbol === undefined || section === undefined) return;
        const inTree = relative(build.source, resolve(build.directory, file));
        statements.push({ file: inTree, line, section, offset: symbol.value });
      });
      return { elf, statements };
    },
    dispose: () => rmSync(directory, { recursive: true }),
  };
}

const labelPrefix = '__patchpoint_line_';

/** Preprocessed text with a label before each line outside of macro definitions, and the line behind each label. */
function labelLines(preprocessed: string): { text: string; lines: { file: string; line: number }[] } {
  const out: string[] = [];
  const lines: { file: string; line: number }[] = [];
  let [file, line, depth] = ['', 0, 0];
  for (const content of preprocessed.split('\n')) {
    const marker = /^# (\d+) "([^"]*)"/.exec(content);
    if (marker?.[1] !== undefined && marker[2] !== undefined) {
      [file, line] = [marker[2], Number(marker[1])];
      continue;
    }
    if (depth === 0 && content.trim() !== '') {
      out.push(`${labelPrefix}${lines.length}:`);
      lines.push({ file, line });
    }
    out.push(content);
    for (const statement of content.split(';')) {
      if (/^\s*(?:[\w.$]+:\s*)*\.(?:macro|rept|irpc?)\b/.test(statement)) depth++;
      else if (/^\s*\.end[mr]\b/.test(statement)) depth--;
    }
    line++;
  }
  return { text: out.join('\n'), lines };
}
