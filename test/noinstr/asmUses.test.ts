import { describe, expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';

const asm = '/k/arch/arm64/kernel/ax_asm.S';
const source = '/k/arch/arm64/kernel/ax_asm.c';

const macros = `#define ARM64_CB_SHIFT 15
.macro ax_cb cap, cb
.pushsection .altinstructions, "a"
.word 661f - .
.word \\cb - .
.hword (1 << ARM64_CB_SHIFT) | \\cap
.byte 662f - 661f
.byte 0
.popsection
661:
.endm
.macro ax_cb_end
662:
.endm
.macro ax_patch cb
ax_cb 2, \\cb
nop
ax_cb_end
.endm
#define NOKPROBE(x)
`;

function lint(path: string, files: Readonly<Record<string, string>>): string[] {
  return noinstrFindings(noinstrTree(files), path).map((one) => {
    const text = files[one.path]?.split('\n')[one.line - 1] ?? '';
    return `${one.severity} ${one.rule.replace('noinstr.', '')} ${text.trim()}`;
  });
}

const callbacks = `${preamble}
noinstr void ax_good(struct alt_instr *alt, unsigned *orig, unsigned *upd, int n) { }
void ax_bad(struct alt_instr *alt, unsigned *orig, unsigned *upd, int n) { }
void __init ax_boot(struct alt_instr *alt, unsigned *orig, unsigned *upd, int n) { }
`;

describe('a callback of an alternative', () => {
  it('is found behind macros of the assembler, whatever they are called', () => {
    const text = `${macros}ax_f:\nax_patch ax_good\nax_patch ax_bad\nax_patch ax_bad\nax_patch ax_boot\nret\n`;
    expect(lint(asm, { [asm]: text, [source]: callbacks })).toEqual([
      'warning callback-instrumentable ax_patch ax_bad',
      'information callback-instrumentable ax_patch ax_boot',
    ]);
  });

  it('is found behind macros of C', () => {
    const entry = '" .word 661b - .\\n" " .word " #cb "- .\\n"';
    const text = `${callbacks}#define AX_ENTRY(cb) ${entry}
#define AX_PATCH(cb) asm volatile("661: nop\\n" ".pushsection .altinstructions\\n" AX_ENTRY(cb) ".popsection\\n")
void ax_use(void)
{
	AX_PATCH(ax_good);
	AX_PATCH(ax_bad);
}
void ax_mark(void) { user_exit_irqoff(); }
`;
    expect(lint(source, { [source]: text })).toEqual(['warning callback-instrumentable AX_PATCH(ax_bad);']);
  });
});

describe('a branch out of protected assembly', () => {
  const targets = `${preamble}void ax_log(void) { ax_count++; }\nvoid noinstr ax_safe(void) { }\n`;
  const code = (section: string): string => `${macros}.text
ax_probed: ret
.globl ax_probed
ax_free: ret
NOKPROBE(ax_free)
${section}
ax_entry:
bl ax_safe
cbz x0, ax_log
b.ne ax_safe
bl ax_free
`;

  it('is found in conditional form, in a section whose name a macro gives', () => {
    const text = `#define AX_TEXT .noinstr.text\n${code('.section AX_TEXT, "ax"')}`;
    expect(lint(asm, { [asm]: text, [source]: targets })).toEqual(['error asm-calls-instrumentable cbz x0, ax_log']);
  });

  it('is found through a register that was given the address', () => {
    const text = `.macro ax_hop fn
adrp x16, \\fn
add x16, x16, :lo12:\\fn
br x16
.endm
.section .noinstr.text, "ax"
ax_entry:
ax_hop ax_log
ax_next:
ax_hop ax_safe
ax_loaded:
ldr x9, =ax_log
mov x10, x9
blr x10
adr x19, ax_log
bl ax_safe
blr x19
`;
    expect(lint(asm, { [asm]: text, [source]: targets })).toEqual([
      'error asm-calls-instrumentable ax_hop ax_log',
      'error asm-calls-instrumentable blr x10',
      'error asm-calls-instrumentable blr x19',
    ]);
  });

  it('through a register that holds something else by then is not told', () => {
    const text = `.section .noinstr.text, "ax"
ax_entry:
adr x9, ax_log
bl ax_safe
blr x9
adr x20, ax_log
ldr x20, [x20]
blr x20
adr x21, ax_log
add x21, x21, #8
br x21
adr x22, ax_log
ax_other:
br x22
`;
    expect(lint(asm, { [asm]: text, [source]: targets })).toEqual([]);
  });

  it('to assembly in ordinary text is a note, unless probes are kept away', () => {
    const other = '/k/arch/arm64/lib/ax_lib.S';
    const files = {
      [asm]: '.section .noinstr.text, "ax"\nax_entry:\nbl ax_probed\nbl ax_free\n',
      [other]:
        'SYM_FUNC_START(ax_probed)\nret\nSYM_FUNC_END(ax_probed)\nSYM_FUNC_START(ax_free)\nret\nSYM_FUNC_END(ax_free)\nNOKPROBE(ax_free)\n',
    };
    expect(lint(asm, files)).toEqual(['information asm-calls-instrumentable bl ax_probed']);
  });
});

it('a function that the vectors call and that is not noinstr is told once', () => {
  const vectors = '.section .entry.text, "ax"\nax_start:\nbl ax_handler\n';
  const text = `${preamble}void ax_handler(struct pt_regs *regs)
{
	user_exit_irqoff();
	instrumentation_begin();
	ax_work();
	instrumentation_end();
	user_enter_irqoff();
}
`;
  expect(lint(source, { [asm]: vectors, [source]: text })).toEqual([
    'error vector-target-instrumentable void ax_handler(struct pt_regs *regs)',
  ]);
});

it('a function that vectors of another folder call is told in its own file', () => {
  const vectors = '/k/arch/arm64/lib/ax_vectors.S';
  const path = '/k/arch/arm64/mm/ax_handler.c';
  const text = `${preamble}void ax_handler(struct pt_regs *regs) { ax_work(); }\n`;
  const start = (section: string): string => `.section ${section}, "ax"\nax_start:\nbl ax_handler\n`;
  expect(lint(path, { [vectors]: start('.entry.text'), [path]: text })).toEqual([
    'error vector-target-instrumentable void ax_handler(struct pt_regs *regs) { ax_work(); }',
  ]);
  expect(lint(path, { [vectors]: start('.text'), [path]: text })).toEqual([]);
});
