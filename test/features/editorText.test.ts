import { describe, expect, it } from 'vitest';
import { codeLenses, resolveLens } from '../../server/src/features/codeLens.ts';
import { fadedRanges } from '../../server/src/features/fadedRanges.ts';
import type { SiteView } from '../../server/src/features/featureContext.ts';
import { inlayHints } from '../../server/src/features/inlayHints.ts';
import { patchedView } from '../../server/src/features/patchedView.ts';
import { type ExampleFile, openExample, ownLines } from '../support/exampleTree.ts';

const demo = `
SYM_FUNC_START(demo)
alternative_if ARM64_HAS_PAN
	isb
	mov	x0, #1
alternative_else
	nop
	b	.Lout
alternative_endif
	sb
alternative_cb ARM64_ALWAYS_SYSTEM, alt_cb_patch_nops
	b	.Lout
alternative_cb_end
.Lout:	ret
SYM_FUNC_END(demo)
`;

/** Source lines with what is put on them: lenses above, hints behind, `~` before faded ones. */
function screen(text: string, view: SiteView, cpucaps: readonly string[] | null = null, expansions = false): string {
  const file = openExample(text, cpucaps);
  const lenses = codeLenses(file.ctx, file.path, { functions: true, sites: true });
  const hints = inlayHints(file.ctx, file.path, { start: 0, end: file.text.length }, { view, expansions });
  const faded = fadedRanges(file.ctx, file.path, view);
  let offset = 0;
  const out: string[] = [];
  file.text.split('\n').forEach((line, index) => {
    if (index >= file.firstLine) {
      for (const lens of lenses.filter((one) => one.range.start === offset)) {
        out.push(`  [${resolveLens(file.ctx, file.path, lens.key, view)?.title ?? 'gone'}]`);
      }
      const end = offset + line.length;
      const behind = hints
        .filter((hint) => hint.offset >= offset && hint.offset <= end)
        .map((hint) => `  «${hint.label}»`);
      const mark = faded.some((range) => range.start <= offset && offset < range.end) ? '~ ' : '  ';
      out.push(`${mark}${line.replaceAll('\t', '    ')}${behind.join('')}`);
    }
    offset += line.length + 1;
  });
  return out.join('\n').trimEnd();
}

describe('lenses, hints and fading', () => {
  it('both streams', () => {
    expect(screen(demo, 'both')).toMatchInlineSnapshot(`
      "  [2 alternatives · 1 callback]
        SYM_FUNC_START(demo)
        [ARM64_HAS_PAN: 2 insns ⇄ 2 insns]
        alternative_if ARM64_HAS_PAN
            isb  «⇄ nop»
            mov    x0, #1  «⇄ b .Lout»
        alternative_else
            nop  «⇄ isb»
            b    .Lout  «⇄ mov x0, #1»
        alternative_endif
            sb
        [ARM64_ALWAYS_SYSTEM: 1 insn ⇄ 1 nop]
        alternative_cb ARM64_ALWAYS_SYSTEM, alt_cb_patch_nops
            b    .Lout  «⇄ nop»
        alternative_cb_end
        .Lout:    ret
        SYM_FUNC_END(demo)"
    `);
  });

  it('as linked', () => {
    expect(screen(demo, 'unpatched')).toMatchInlineSnapshot(`
      "  [2 alternatives · 1 callback]
        SYM_FUNC_START(demo)
        [ARM64_HAS_PAN: 2 insns ⇄ 2 insns · unpatched shown]
        alternative_if ARM64_HAS_PAN
      ~     isb
      ~     mov    x0, #1
        alternative_else
            nop  «⇄ isb»
            b    .Lout  «⇄ mov x0, #1»
        alternative_endif
            sb
        [ARM64_ALWAYS_SYSTEM: 1 insn ⇄ 1 nop · unpatched shown]
        alternative_cb ARM64_ALWAYS_SYSTEM, alt_cb_patch_nops
            b    .Lout  «⇄ nop»
        alternative_cb_end
        .Lout:    ret
        SYM_FUNC_END(demo)"
    `);
  });

  it('patched while no machine is chosen: every cpucap counts as set', () => {
    expect(screen(demo, 'patched')).toMatchInlineSnapshot(`
      "  [2 alternatives · 1 callback]
        SYM_FUNC_START(demo)
        [ARM64_HAS_PAN: 2 insns ⇄ 2 insns · patched with all cpucaps]
        alternative_if ARM64_HAS_PAN
            isb  «⇄ nop»
            mov    x0, #1  «⇄ b .Lout»
        alternative_else
      ~     nop
      ~     b    .Lout
        alternative_endif
            sb
        [ARM64_ALWAYS_SYSTEM: 1 insn ⇄ 1 nop · patched with all cpucaps]
        alternative_cb ARM64_ALWAYS_SYSTEM, alt_cb_patch_nops
            b    .Lout  «⇄ nop»
        alternative_cb_end
        .Lout:    ret
        SYM_FUNC_END(demo)"
    `);
  });

  it('on a machine that has the cpucap', () => {
    expect(screen(demo, 'patched', ['HAS_PAN'])).toMatchInlineSnapshot(`
      "  [2 alternatives · 1 callback]
        SYM_FUNC_START(demo)
        [ARM64_HAS_PAN: 2 insns ⇄ 2 insns · patched in board]
        alternative_if ARM64_HAS_PAN
            isb  «⇄ nop»
            mov    x0, #1  «⇄ b .Lout»
        alternative_else
      ~     nop
      ~     b    .Lout
        alternative_endif
            sb
        [ARM64_ALWAYS_SYSTEM: 1 insn ⇄ 1 nop · patched in board]
        alternative_cb ARM64_ALWAYS_SYSTEM, alt_cb_patch_nops
            b    .Lout  «⇄ nop»
        alternative_cb_end
        .Lout:    ret
        SYM_FUNC_END(demo)"
    `);
  });

  it('on a machine that lacks it', () => {
    expect(screen(demo, 'patched', [])).toMatchInlineSnapshot(`
      "  [2 alternatives · 1 callback]
        SYM_FUNC_START(demo)
        [ARM64_HAS_PAN: 2 insns ⇄ 2 insns · as linked in board]
        alternative_if ARM64_HAS_PAN
      ~     isb
      ~     mov    x0, #1
        alternative_else
            nop  «⇄ isb»
            b    .Lout  «⇄ mov x0, #1»
        alternative_endif
            sb
        [ARM64_ALWAYS_SYSTEM: 1 insn ⇄ 1 nop · patched in board]
        alternative_cb ARM64_ALWAYS_SYSTEM, alt_cb_patch_nops
            b    .Lout  «⇄ nop»
        alternative_cb_end
        .Lout:    ret
        SYM_FUNC_END(demo)"
    `);
  });

  it('macro lines show what they stand for when asked', () => {
    expect(screen('\tsb\n', 'both', null, true)).toMatchInlineSnapshot(`"      sb  «= dsb nsh; isb»"`);
  });

  it('no hint is longer than the editor shows', () => {
    const long = Array.from({ length: 20 }, (_, index) => `\tmov\tx${index}, #${index}`).join('\n');
    const file = openExample(`alternative_if ARM64_HAS_PAN\n${long}\nalternative_else_nop_endif\n`);
    const hints = inlayHints(
      file.ctx,
      file.path,
      { start: 0, end: file.text.length },
      { view: 'both', expansions: false },
    );
    expect(hints.length).toBe(21);
    expect(Math.max(...hints.map((hint) => hint.label.length))).toBeLessThan(40);
  });

  it('only hints of the asked range are made', () => {
    const file = openExample(demo);
    const from = file.text.indexOf('\tmov');
    const hints = inlayHints(file.ctx, file.path, { start: from, end: from + 12 }, { view: 'both', expansions: false });
    expect(hints.map((hint) => hint.label)).toEqual(['⇄ b .Lout']);
  });
});

describe('the patched view', () => {
  const view = (of: 'unpatched' | 'state', cpucaps: readonly string[]): string => {
    const file: ExampleFile = openExample(demo, cpucaps);
    const text = patchedView(file.ctx, file.path, of === 'unpatched' ? 'unpatched' : file.ctx.state)?.text ?? '';
    return ownLines(file, text).join('\n').replaceAll('\t', '    ').trimEnd();
  };

  it('as linked', () => {
    expect(view('unpatched', [])).toMatchInlineSnapshot(`
      "SYM_FUNC_START(demo)
          // ARM64_HAS_PAN: as linked
          nop
          b    .Lout
          sb
          // sb, ARM64_HAS_SB: as linked
          //    dsb    nsh
          //    isb
          // ARM64_ALWAYS_SYSTEM: left as linked
          b    .Lout
      .Lout:    ret
      SYM_FUNC_END(demo)"
    `);
  });

  it('on a machine that has everything', () => {
    expect(view('state', ['HAS_PAN', 'HAS_SB'])).toMatchInlineSnapshot(`
      "SYM_FUNC_START(demo)
          // ARM64_HAS_PAN: patched
          isb
          mov    x0, #1
          sb
          // sb, ARM64_HAS_SB: patched
          //    .inst    0xd50330ff    // SB_BARRIER_INSN
          //    nop
          // ARM64_ALWAYS_SYSTEM: patched by alt_cb_patch_nops
          nop
      .Lout:    ret
      SYM_FUNC_END(demo)"
    `);
  });

  it('leaves a file without sites as it is', () => {
    const file = openExample('\tmov\tx0, x1\n', ['HAS_PAN']);
    expect(patchedView(file.ctx, file.path, file.ctx.state)?.text).toBe(file.text);
  });
});
