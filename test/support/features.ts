import { type Cancellation, neverCancelled } from '../../server/src/base/cancellation.ts';
import { silentLogger } from '../../server/src/base/logger.ts';
import type { TextRange } from '../../server/src/base/text.ts';
import type { FeatureContext } from '../../server/src/features/featureContext.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import type { MemoryFileSource } from './memoryFileSource.ts';
import { smallTree } from './smallTree.ts';

/** A fixture opened as the server opens it. */
export interface OpenFixture {
  readonly ctx: FeatureContext;
  readonly workspace: Workspace;
  readonly files: MemoryFileSource;
  /** The file that holds the cursor, else the first one; open in the workspace. */
  readonly path: string;
  readonly text: string;
  /** Place of `$0`; 0 without one. */
  readonly offset: number;
  /** Place of the second `$0`; that of the first without one. */
  readonly endOffset: number;
}

/** Root of the tree that fixtures live in. Paths of a fixture are below it, `/arch/arm64/kernel/demo.S` for instance. */
const root = '/k';

const defaultPath = '/arch/arm64/kernel/demo.S';

/** Headers that fixtures can include: small ones of our own, with the kernel's names. */
const headers: Readonly<Record<string, string>> = {
  'include/linux/linkage.h': [
    '#ifdef __ASSEMBLY__',
    '#define SYM_ENTRY(name, linkage)\tlinkage(name) ASM_NL name:',
    '#define SYM_START(name, linkage)\tSYM_ENTRY(name, linkage)',
    '#define SYM_END(name, kind)\t.type name kind ASM_NL .size name, .-name',
    '#define SYM_FUNC_START(name)\tSYM_START(name, SYM_L_GLOBAL)',
    '#define SYM_FUNC_START_LOCAL(name)\tSYM_START(name, SYM_L_LOCAL)',
    '#define SYM_FUNC_END(name)\tSYM_END(name, SYM_T_FUNC)',
    '#define SYM_INNER_LABEL(name, linkage)\tSYM_ENTRY(name, linkage)',
    '#define SYM_DATA_END(name)\tSYM_END(name, SYM_T_OBJECT)',
    '#define SYM_FUNC_ALIAS(alias, name)\t.globl alias ASM_NL .set alias, name',
    '#define SYM_L_GLOBAL(name)\t.globl name',
    '#define SYM_L_LOCAL(name)',
    '#define SYM_T_FUNC\t@function',
    '#define SYM_T_OBJECT\t@object',
    '#define ASM_NL\t;',
    '#endif',
    '',
  ].join('\n'),
  'include/linux/kconfig.h': '#include <generated/autoconf.h>\n',
  'arch/arm64/include/asm/alternative-macros.h': [
    '#include <asm/cpucaps.h>',
    '#define ARM64_CB_SHIFT\t15',
    '#ifdef __ASSEMBLY__',
    '\t.macro altinstruction_entry orig, alt, cap, orig_len, alt_len',
    '\t.word \\orig - .',
    '\t.word \\alt - .',
    '\t.hword \\cap',
    '\t.byte \\orig_len',
    '\t.byte \\alt_len',
    '\t.endm',
    '\t.macro alternative_if_not cap',
    '\t.pushsection .altinstructions, "a"',
    '\taltinstruction_entry 661f, 663f, \\cap, 662f-661f, 664f-663f',
    '\t.popsection',
    '661:',
    '\t.endm',
    '\t.macro alternative_else',
    '662:\t.subsection 1',
    '663:',
    '\t.endm',
    '\t.macro alternative_endif',
    '664:\t.previous',
    '\t.endm',
    '#endif',
    '',
  ].join('\n'),
  'arch/arm64/include/asm/cpufeature.h': '#define ARM64_CPUCAP_SYSTEM_FEATURE\t(ARM64_CPUCAP_SCOPE_SYSTEM)\n',
  'arch/arm64/kernel/cpufeature.c': [
    'static const struct arm64_cpu_capabilities arm64_features[] = {',
    '\t{',
    '\t\t.desc = "Privileged Access Never",',
    '\t\t.capability = ARM64_HAS_PAN,',
    '\t\t.type = ARM64_CPUCAP_SYSTEM_FEATURE,',
    '\t},',
    '\t{},',
    '};',
    '',
  ].join('\n'),
};

/**
 * Opens a fixture. `//- /path` begins a file, below the tree's root; text before the first one is
 * `/arch/arm64/kernel/demo.S`. `$0` is the cursor, two of them a range.
 */
export function openFixture(fixture: string, cancellation: Cancellation = neverCancelled): OpenFixture {
  const sources = splitFixture(fixture);
  const files = smallTree(headers);
  let main: { path: string; text: string; offsets: number[] } | null = null;
  for (const { path, text } of sources) {
    const { plain, offsets } = takeCursors(text);
    const absolute = `${root}${path}`;
    files.write(absolute, plain);
    if (main === null || offsets.length > 0) main = { path: absolute, text: plain, offsets };
  }
  if (main === null) throw new Error('a fixture needs a file');
  const settings = { buildDirectory: null, configFile: null, kernelRoot: null };
  const workspace = new Workspace({ files, logger: silentLogger, settings });
  workspace.openDocument(main.path, main.text, 1);
  const state = { name: 'none', core: null, cpucaps: [] };
  const offset = main.offsets[0] ?? 0;
  return {
    ctx: { workspace, state, cancellation },
    workspace,
    files,
    path: main.path,
    text: main.text,
    offset,
    endOffset: main.offsets[1] ?? offset,
  };
}

function splitFixture(fixture: string): { readonly path: string; readonly text: string }[] {
  const sources: { path: string; text: string }[] = [];
  // A template string begins with the line break after its quote.
  const text = fixture.replace(/^\n/, '');
  const parts = text.split(/^\/\/- (\S+).*\n/m);
  if (parts[0] !== undefined && parts[0].trim() !== '') sources.push({ path: defaultPath, text: parts[0] });
  for (let at = 1; at + 1 < parts.length; at += 2) sources.push({ path: parts[at] ?? '', text: parts[at + 1] ?? '' });
  return sources;
}

function takeCursors(text: string): { readonly plain: string; readonly offsets: number[] } {
  const pieces = text.split('$0');
  const offsets: number[] = [];
  let length = 0;
  for (const piece of pieces.slice(0, -1)) {
    length += piece.length;
    offsets.push(length);
  }
  return { plain: pieces.join(''), offsets };
}

/** A place for people: `/path:line:column «text»  its line`. */
export function showPlace({ workspace }: OpenFixture, path: string, range: TextRange): string {
  const text = workspace.textOf(path);
  const lines = workspace.lineIndexOf(path);
  if (text === undefined || lines === undefined) return `${path} (cannot be read)`;
  const { line, column } = lines.positionAt(range.start);
  const whole = lines.lineRange(line, text);
  const shown = text.slice(whole.start, whole.end).trim().replace(/\s+/g, ' ');
  return `${path.slice(root.length)}:${line}:${column} «${text.slice(range.start, range.end)}»  ${shown}`;
}

/** Indented the same as the expected text of a test, so that both can be compared. */
export function block(lines: readonly string[]): string {
  return lines.length === 0 ? '(nothing)' : lines.join('\n');
}
