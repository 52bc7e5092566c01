import { describe, expect, it } from 'vitest';
import { expandFile } from '../../server/src/features/expand.ts';
import { siteRecords } from '../../server/src/features/siteList.ts';
import { openExample } from '../support/exampleTree.ts';

/** Sites as `line construct cap: unpatched | patched | chain`, words in front of the text. */
function sites(text: string, options: { definitions?: boolean; inState?: boolean; cpucaps?: string[] } = {}): string {
  const file = openExample(text, options.cpucaps ?? null);
  const records = siteRecords(file.ctx, file.path, {
    definitions: options.definitions ?? false,
    inState: options.inState,
  });
  return records
    .map((site) => {
      const stream = (insns: typeof site.unpatched | null): string =>
        insns === null
          ? `? ${site.patchedReason}`
          : insns.map((insn) => `${insn.word ?? '????????'} ${insn.text}`).join('; ');
      const chain = site.chain.map((frame) => frame.name).join('>');
      return `${site.line - file.firstLine}-${site.endLine - file.firstLine} ${site.construct} ${site.trigger.cpucap}: ${stream(site.unpatched)} | ${stream(site.patched)}${chain === '' ? '' : ` | ${chain}`}`;
    })
    .join('\n');
}

describe('sites', () => {
  it('an internal branch stays, one that leaves is aimed anew, one to the end is internal', () => {
    expect(
      sites(`
alternative_if ARM64_HAS_PAN
	cbz	x0, 1f
	b	.Lout
	tbz	x1, #3, 2f
1:	nop
2:
alternative_else_nop_endif
.Lout:	ret
`),
    ).toMatchInlineSnapshot(
      `"1-7 alternative_if ARM64_HAS_PAN: d503201f nop; d503201f nop; d503201f nop; d503201f nop | b4000060 cbz x0, 1f; 14000003 b .Lout; 36180041 tbz x1, #3, 2f; d503201f nop"`,
    );
  });

  it('each expansion of a macro is a site of the line that invokes it', () => {
    const text = `
	.macro	demo reg
alternative_if_not ARM64_HAS_PAN
	mov	\\reg, #1
alternative_else_nop_endif
	.endm
	demo	x0
	demo	x1
`;
    expect(sites(text)).toMatchInlineSnapshot(`
      "6-6 alternative_if_not ARM64_HAS_PAN: d2800020 mov x0, #1 | d503201f nop | demo
      7-7 alternative_if_not ARM64_HAS_PAN: d2800021 mov x1, #1 | d503201f nop | demo"
    `);
    expect(sites(text, { definitions: true })).toMatchInlineSnapshot(
      `"2-4 alternative_if_not ARM64_HAS_PAN: ???????? mov \\reg, #1 | d503201f nop"`,
    );
  });

  it('an option that is off leaves nothing at all', () => {
    expect(sites('\tALTERNATIVE(isb, nop, ARM64_HAS_ECV, CONFIG_NOT_THERE)\n')).toBe('');
  });

  it('in a machine state, the stream that it has', () => {
    const text = 'alternative_if ARM64_HAS_PAN\n\tisb\nalternative_else_nop_endif\n';
    expect(sites(text, { inState: true, cpucaps: ['ARM64_HAS_PAN'] })).toMatchInlineSnapshot(
      `"1-3 alternative_if ARM64_HAS_PAN: d503201f nop | d5033fdf isb"`,
    );
    expect(sites(text, { inState: true, cpucaps: [] })).toMatchInlineSnapshot(
      `"1-3 alternative_if ARM64_HAS_PAN: d503201f nop | d503201f nop"`,
    );
  });

  it('an external branch carries its relocation and keeps an empty field', () => {
    expect(sites('\talternative_insn nop, "bl elsewhere", ARM64_HAS_PAN\n')).toMatchInlineSnapshot(
      `"1-1 alternative_insn ARM64_HAS_PAN: d503201f nop | 94000000 bl elsewhere"`,
    );
  });

  it("a user's own macros make sites without a known name", () => {
    expect(
      sites(`
	.macro	my_patch cap
	.pushsection .altinstructions, "a"
	.word	771f - ., 773f - .
	.hword	\\cap
	.byte	772f-771f, 774f-773f
	.popsection
771:	isb
772:	.subsection 1
773:	nop
774:	.previous
	.endm
	my_patch ARM64_HAS_PAN
`),
    ).toMatchInlineSnapshot(`"12-12 my_patch ARM64_HAS_PAN: d5033fdf isb | d503201f nop"`);
  });
});

describe('expand', () => {
  const text = `
	.macro	inner reg
	mov	\\reg, #1
	.endm
	.macro	outer reg
	inner	\\reg
	isb
	.endm
	outer	x7
alternative_if ARM64_HAS_PAN
	isb
alternative_else
	dsb	sy
alternative_endif
`;
  const expand = (options: Partial<Parameters<typeof expandFile>[2]>, cpucaps: string[] = []): string => {
    const file = openExample(text, cpucaps);
    const { text: out } = expandFile(file.ctx, file.path, { format: 'text', level: null, state: null, ...options });
    const from = out.indexOf('// example.S');
    return (from < 0 ? out : out.slice(from)).replaceAll('\t', '    ').trimEnd();
  };

  it('for people, by source line', () => {
    expect(expand({})).toMatchInlineSnapshot(`
      "// example.S:11: outer x7
          mov    x7, #1
          isb
      // example.S:12: alternative_if 12
          .set    .Lfirst_half_is_replacement, 1
          .pushsection    .altinstructions, "a"

      // section .altinstructions
          .word    663f-.
          .word    661f-.
          .hword    (12)
          .byte    664f-663f
          .byte    662f-661f
          .popsection
          .subsection    1
          .p2align    2

      // section .text (subsection 1)
      661:
      // example.S:13
          isb
      // example.S:14: alternative_else
      662:
          .previous

      // section .text
      663:
      // example.S:15
          dsb    sy
      // example.S:16: alternative_endif
      664:
          .org    663b+(662b-661b)
          .org    664b"
    `);
  });

  it('one level only', () => {
    expect(expand({ level: 1 }).split('\n').slice(0, 4).join('\n')).toMatchInlineSnapshot(`
      "// example.S:11: outer x7
          inner    x7
          isb
      // example.S:12: alternative_if 12"
    `);
  });

  it('as a machine state leaves it', () => {
    const file = openExample(text, ['HAS_PAN']);
    expect(expand({ state: file.ctx.state })).toMatchInlineSnapshot(`
      "// example.S:11: outer x7
          mov    x7, #1
          isb
      // example.S:13
          isb"
    `);
    const bare = openExample(text, []);
    expect(expand({ state: bare.ctx.state })).toMatchInlineSnapshot(`
      "// example.S:11: outer x7
          mov    x7, #1
          isb
      // example.S:15
          dsb    sy"
    `);
  });

  it('as JSON, statement by statement with its chain', () => {
    const statements = JSON.parse(expand({ format: 'json' })) as {
      text: string;
      line: number;
      chain: { name: string }[];
    }[];
    const mov = statements.find((statement) => statement.text === 'mov x7, #1');
    expect(mov?.chain.map((frame) => frame.name)).toEqual(['outer', 'inner']);
  });
});
