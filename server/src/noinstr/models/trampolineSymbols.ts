/** What an instruction belongs to: code that may be freed or changed once nobody is in it, or anything else. */
export type CodeClass = 'plain' | 'tramp';

/** An instruction as far as the model is concerned. */
export interface Code {
  readonly class: CodeClass;
  /** How it was named: a symbol, or `plain` and `tramp` themselves. */
  readonly label: string;
}

interface SymbolRow {
  readonly pattern: RegExp;
  readonly what: string;
}

/**
 * Symbols whose text is a trampoline. Sources: arch/arm64/kernel/entry-ftrace.S and
 * arch/arm64/kernel/probes/kprobes_trampoline.S of v6.1 and v6.12, kernel/kprobes.c and kernel/trace/ftrace.c (names of
 * pages in kallsyms), kernel/bpf/trampoline.c, samples/ftrace (direct callers).
 */
const trampolineSymbols: readonly SymbolRow[] = [
  {
    pattern: /^(ftrace_caller|ftrace_regs_caller|ftrace_common|ftrace_call|ftrace_graph_call|ftrace_graph_caller)$/,
    what: 'common trampoline of all traced functions',
  },
  { pattern: /^(ftrace_caller_direct|ftrace_caller_direct_late)$/, what: 'common trampoline of all traced functions' },
  { pattern: /^ftrace_stub(_graph|_direct_tramp)?$/, what: 'ftrace stub' },
  { pattern: /^return_to_handler$/, what: 'return trampoline of the function graph tracer' },
  { pattern: /^ftrace_trampoline$/, what: 'ftrace trampoline made at run time' },
  { pattern: /^(my_tramp\d*|.*_direct_tramp)$/, what: 'trampoline of a direct call' },
  { pattern: /^(__kretprobe_trampoline|arch_rethook_trampoline)$/, what: 'return trampoline of a probe' },
  { pattern: /^kprobe_(insn|optinsn)_page$/, what: 'slot of a probed instruction' },
  { pattern: /^optprobe_template_\w+$/, what: 'optimized probe' },
  { pattern: /^bpf_(trampoline|prog|dispatcher)_\w+$/, what: 'BPF text' },
];

/** Tags behind a symbol, as /proc/kallsyms has them, of text that was allocated. */
const allocatedTag = /\[(.+)\]\s*$/;

/**
 * Class of an instruction by what it is named: `plain`, `tramp`, or a symbol with or without offset and tag of its
 * module (`ftrace_caller+0x40`, `foo [mod]`), or marked by whoever asks (`foo as tramp`). `reason` says which list it is in; `null` for the two words themselves.
 */
export function classOfCode(text: string): { readonly code: Code; readonly reason: string | null } {
  const label = text.trim();
  if (label === 'plain' || label === 'tramp') return { code: { class: label, label }, reason: null };
  const marked = /^(.+?)\s+as\s+(plain|tramp)$/.exec(label);
  if (marked?.[1] !== undefined && (marked[2] === 'plain' || marked[2] === 'tramp')) {
    return { code: { class: marked[2], label: marked[1] }, reason: 'marked so' };
  }
  const tag = allocatedTag.exec(label)?.[1];
  const name = label
    .replace(allocatedTag, '')
    .replace(/\+(0x)?[0-9a-fA-F]+(\/(0x)?[0-9a-fA-F]+)?\s*$/, '')
    .trim();
  const row = trampolineSymbols.find(({ pattern }) => pattern.test(name));
  if (row !== undefined) return { code: { class: 'tramp', label }, reason: row.what };
  if (tag !== undefined) {
    return { code: { class: 'tramp', label }, reason: `allocated text of ${tag}: it can be freed` };
  }
  return { code: { class: 'plain', label }, reason: 'kernel text that is never freed' };
}

/** What stands behind a symbol's name in the list, for readers: pattern and meaning. */
export function trampolineList(): readonly { readonly pattern: string; readonly what: string }[] {
  return trampolineSymbols.map(({ pattern, what }) => ({ pattern: pattern.source, what }));
}
