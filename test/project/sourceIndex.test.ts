import { describe, expect, it } from 'vitest';
import { CancelledError, neverCancelled } from '../../server/src/base/cancellation.ts';
import { silentLogger } from '../../server/src/base/logger.ts';
import { sourceIndexOf } from '../../server/src/project/sourceIndex.ts';
import { type SymbolEffect, symbolEffects } from '../../server/src/project/symbolMacros.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { smallTree } from '../support/smallTree.ts';

function openTree(more: Readonly<Record<string, string>>) {
  const files = smallTree(more);
  const settings = { buildDirectory: null, configFile: null, kernelRoot: '/k' };
  const workspace = new Workspace({ files, logger: silentLogger, settings });
  const tree = workspace.treeFor('/k/Makefile');
  if (tree === null) throw new Error('the small tree is a tree');
  return { files, workspace, index: (cancellation = neverCancelled) => sourceIndexOf(workspace, tree, cancellation) };
}

describe('index', () => {
  const sources = {
    'arch/arm64/lib/one.S': '\tstep\tx0\n',
    'arch/arm64/lib/two.S': '\tSTEP\tx0, name\n',
    'arch/arm64/include/asm/step.h': '\t.macro step, reg\n\t.endm\n',
    'arch/arm64/boot/dts/board.h': '#define step 1\n',
    'arch/x86/lib/one.S': '\tstep\n',
  };

  it('holds arch/arm64 without device trees', () => {
    const { index } = openTree(sources);
    expect(
      index()
        .occurrences('step', true)
        .map(({ path, role, text }) => `${path} ${role} ${text}`),
    ).toEqual([
      '/k/arch/arm64/include/asm/step.h macro-name step',
      '/k/arch/arm64/lib/one.S operation step',
      '/k/arch/arm64/lib/two.S operation STEP',
    ]);
    expect(index().occurrences('step')).toHaveLength(2);
  });

  it('reads a file once, and again when it has changed', () => {
    const { index, files } = openTree(sources);
    index();
    files.takeReads();
    index();
    expect(files.takeReads()).toEqual([]);
    files.write('/k/arch/arm64/lib/one.S', '\tname\n');
    expect(index().occurrences('name')).toHaveLength(2);
    expect(files.takeReads()).toEqual(['/k/arch/arm64/lib/one.S']);
  });

  it('goes on where it was stopped', () => {
    const { index, files } = openTree(sources);
    expect(() => index({ isCancellationRequested: true })).toThrow(CancelledError);
    let asked = 0;
    const later = {
      get isCancellationRequested() {
        return ++asked > 6;
      },
    };
    expect(() => index(later)).toThrow(CancelledError);
    files.takeReads();
    expect(index().occurrences('step', true)).toHaveLength(3);
    const read = files.takeReads().filter((path) => path in sources || `/k/${path}` in sources);
    expect(read.length).toBeLessThan(Object.keys(sources).length);
  });
});

describe('what macros do to a symbol', () => {
  const macros: Readonly<Record<string, readonly [language: 'cpp' | 'gas', parameters: string, body: string]>> = {
    ENTRY: ['cpp', 'name', '.globl name ASM_NL name:'],
    START: ['cpp', 'name, linkage', 'ENTRY(name, linkage)'],
    ALIAS: ['cpp', 'alias, name', '.globl alias ASM_NL .set alias, name'],
    END: ['cpp', 'name', '.size name, .-name'],
    END_DATA: ['cpp', 'name', '.type name @object ASM_NL END(name)'],
    PASTED: ['cpp', 'name', '__pi_##name: nop'],
    SECOND: ['cpp', 'size, name', 'ENTRY(name)'],
    LOOP: ['cpp', 'name', 'LOOP(name)'],
    begin: ['gas', 'name', '\n\t.p2align 2\n\\name:\n'],
    begin2: ['gas', 'name', '\n\tbegin \\name\n'],
    begin3: ['gas', 'name', '\n\tSTART(\\name)\n'],
    step: ['gas', 'reg', '\n1:\tadd \\reg, \\reg, #1\n'],
  };
  const effects = symbolEffects((name) => {
    const macro = macros[name];
    if (macro === undefined) return null;
    return { language: macro[0], parameters: macro[1].split(/,\s*/), body: macro[2] };
  });
  const show = (effect: SymbolEffect | null): string =>
    effect === null
      ? '-'
      : Object.entries(effect)
          .flatMap(([name, value]) => (value ? [name] : []))
          .join(' ');

  it('follows from their texts', () => {
    const shown = [...Object.keys(macros), 'nothing'].map((name) => `${name}: ${show(effects(name))}`);
    expect(shown.join('\n')).toMatchInlineSnapshot(`
      "ENTRY: label
      START: label
      ALIAS: assigns
      END: ends
      END_DATA: ends isObject
      PASTED: -
      SECOND: -
      LOOP: -
      begin: label
      begin2: label
      begin3: label
      step: -
      nothing: -"
    `);
  });
});
