import type { StaticCallModel } from '../../kernel/c/cSite.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import { insnLabel } from '../streamText.ts';

/**
 * A static call of arm64 as Markdown: nothing is patched, so there is one stream; what may be called, what indirect
 * calls cost under CFI, and what a key in front of a direct call would be (the choice of arm64's PREEMPT_DYNAMIC,
 * arch/arm64/Kconfig: HAVE_PREEMPT_DYNAMIC_KEY, v6.1 to v6.12).
 */
export function staticCallLines(
  call: StaticCallModel,
  tree: KernelTree | null,
  keyLines: readonly string[],
): { readonly table: string; readonly lines: readonly string[] } {
  const stream = call.stream.map((insn, index) => `| +${index * 4} | \`${insnLabel(insn)}\` |`);
  const lines = [
    '**Nothing is patched here**: arm64 has no static-call trampolines, so this is a load and an indirect call.',
    targetText(
      call,
      keyLines.some((line) => line.startsWith('Defined in')),
    ),
    ...keyLines,
    cfiLine(tree),
    'With a key instead: `nop` or `b`, then a direct `bl`; no load, no indirect branch, 16 bytes of `__jump_table`.',
  ];
  return {
    table: ['| | here, in every state |', '|--:|:--|', ...stream].join('\n'),
    lines: lines.filter((line) => line !== ''),
  };
}

function targetText({ target, targetReason, conditional }: StaticCallModel, isDefined: boolean): string {
  const orElse = conditional ? '; with no function, one that does nothing' : '';
  // Where the index knows the definition, a line of its own names what it starts with.
  if (targetReason !== null && isDefined) return conditional ? 'With no function it calls one that does nothing.' : '';
  if (target !== null) return `Calls \`${target}\` as linked${orElse}.`;
  return targetReason === null
    ? `Calls nothing as linked${orElse}.`
    : `What it calls as linked: ${targetReason}${orElse}.`;
}

/** Kernel control-flow integrity checks each indirect call against a hash in front of its target (KCFI: clang, v6.1 on). */
function cfiLine(tree: KernelTree | null): string {
  const value = tree?.config.value('CFI_CLANG') ?? null;
  if (value === 'y')
    return '`CONFIG_CFI_CLANG=y`: before the call the hash in front of the target is loaded and compared.';
  return '';
}
