import type { CppExpansion, CppToken } from '../syntax/cpp/model.ts';

/** What a word of a declaration stands for where no header that was read defines it. */
export interface KernelWord {
  readonly name: string;
  /** Header of the tree that defines it. */
  readonly header: string;
  readonly parameter: string | null;
  readonly body: string;
}

/** A word that a unit uses without a definition. */
export interface MissingWord {
  readonly word: string;
  readonly header: string;
}

const word = (header: string, definitions: string): [string, KernelWord][] =>
  definitions
    .trim()
    .split('\n')
    .map((line) => {
      const [, name = '', parameter, body = ''] = /^\s*(\w+)(?:\((\w+)\))?\s*(.*)$/.exec(line) ?? [];
      return [name, { name, header, parameter: parameter ?? null, body }];
    });

/**
 * Words of the kernel's declarations and what v6.12 defines them as, as far as it matters here. A tree's own header
 * goes before, see `kernelWordsOf`.
 */
const fallback: ReadonlyMap<string, KernelWord> = new Map([
  ...word(
    'include/linux/compiler_types.h',
    `noinstr __noinstr_section(".noinstr.text")
     __noinstr_section(s) noinline notrace __attribute__((section(s)))
     __cpuidle __noinstr_section(".cpuidle.text")
     notrace __attribute__((no_instrument_function))
     __inline inline
     __inline__ inline
     noinline_for_stack noinline
     __no_kasan_or_inline __always_inline
     __no_sanitize_or_inline __always_inline
     __no_kcsan
     __no_sanitize_address
     __no_sanitize_coverage
     __no_sanitize_memory
     __no_profile
     __no_caller_saved_registers
     __user
     __kernel
     __iomem
     __percpu
     __rcu
     __force
     __latent_entropy
     __randomize_layout
     __acquires(x)
     __releases(x)
     __must_hold(x)
     __noscs
     __nocfi`,
  ),
  ...word(
    'include/linux/compiler_attributes.h',
    `__always_inline inline __attribute__((always_inline))
     noinline __attribute__((noinline))
     __section(s) __attribute__((section(s)))
     __noreturn __attribute__((noreturn))
     __weak __attribute__((weak))
     __visible
     __used
     __always_unused
     __maybe_unused
     __must_check
     __malloc
     __cold
     __pure
     __attribute_const__
     __deprecated
     __printf(a)
     __scanf(a)
     __aligned(x)
     __alias(x)
     __alloc_size(x)
     __no_sanitize(x)
     __error(x)
     __copy(x)
     __cleanup(x)`,
  ),
  ...word(
    'include/asm-generic/kprobes.h',
    `__kprobes notrace __attribute__((section(".kprobes.text")))
     nokprobe_inline __always_inline`,
  ),
  ...word(
    'include/linux/init.h',
    `__init __attribute__((section(".init.text")))
     __exit __attribute__((section(".exit.text")))
     __ref __attribute__((section(".ref.text")))
     __noinitretpoline
     __initdata
     __initconst`,
  ),
  ...word('include/linux/sched/debug.h', '__sched __attribute__((section(".sched.text")))'),
  ...word('include/linux/spinlock.h', '__lockfunc __attribute__((section(".spinlock.text")))'),
  ...word(
    'include/linux/interrupt.h',
    `__irq_entry __attribute__((section(".irqentry.text")))
     __softirq_entry __attribute__((section(".softirqentry.text")))`,
  ),
  ...word('include/linux/cache.h', '__ro_after_init __attribute__((section(".data..ro_after_init")))\n__read_mostly'),
  ...word('include/linux/linkage.h', 'asmlinkage\n__page_aligned_data\n__page_aligned_bss'),
]);

/** Words that take part in a declaration without being its name. */
export function isKernelWord(name: string): boolean {
  return fallback.has(name);
}

/** Words that kernels define differently, and the headers that may; the first that has one wins. */
const definedIn: Readonly<Record<string, readonly string[]>> = {
  noinstr: ['include/linux/compiler_types.h'],
  __noinstr_section: ['include/linux/compiler_types.h'],
  __cpuidle: ['include/linux/compiler_types.h', 'include/linux/cpu.h'],
  __kprobes: ['include/asm-generic/kprobes.h'],
};

/** Reads the meaning of words of declarations: what a tree's headers say, else what the kernel has them mean. */
export function kernelWordsOf(readText: (inTree: string) => string | undefined): (name: string) => KernelWord | null {
  const known = new Map<string, KernelWord | null>();
  return (name) => {
    let found = known.get(name);
    if (found === undefined) {
      found = read(name);
      known.set(name, found);
    }
    return found;
  };

  function read(name: string): KernelWord | null {
    const usual = fallback.get(name);
    if (usual === undefined) return null;
    for (const header of definedIn[name] ?? []) {
      const text = readText(header);
      const own = text === undefined ? null : definitionIn(text, name);
      if (own !== null) return { name, header, ...own };
    }
    return usual;
  }
}

/** The first definition of a macro in a header that is not empty. */
function definitionIn(text: string, name: string): Pick<KernelWord, 'parameter' | 'body'> | null {
  const define = new RegExp(`^[ \\t]*#[ \\t]*define[ \\t]+${name}(?:\\((\\w+)\\))?[ \\t]+((?:.*\\\\\\n)*.*)$`, 'gm');
  for (const [, parameter, written = ''] of text.matchAll(define)) {
    const body = written.replace(/\\\n/g, ' ').replace(/\/\*.*?\*\//g, ' ');
    if (body.trim() !== '') return { parameter: parameter ?? null, body: body.trim() };
  }
  return null;
}

const maxDepth = 6;

/**
 * Tokens of a declaration with the kernel's words that nothing defined replaced by what they mean; the tokens
 * themselves where there are none. Each new token says which word it came out of.
 */
export function expandKernelWords(
  tokens: readonly CppToken[],
  meaningOf: (name: string) => KernelWord | null,
  note: (missing: MissingWord) => void,
): readonly CppToken[] {
  if (!tokens.some((token) => token.kind === 'identifier' && fallback.has(token.text))) return tokens;
  return expand(tokens, meaningOf, note, 0);
}

function expand(
  tokens: readonly CppToken[],
  meaningOf: (name: string) => KernelWord | null,
  note: (missing: MissingWord) => void,
  depth: number,
): readonly CppToken[] {
  const out: CppToken[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    const meaning = token.kind === 'identifier' && depth < maxDepth ? meaningOf(token.text) : null;
    // `inline` and its kin are the compiler's own words too.
    if (meaning === null || meaning.body === token.text) {
      out.push(token);
      continue;
    }
    const end = tokens[at + 1]?.text === '(' && meaning.parameter !== null ? closing(tokens, at + 1) : at;
    const argument = tokens.slice(at + 2, Math.max(end, at + 2));
    const expansion = expansionOf(token, meaning);
    const made = tokenize(meaning.body).flatMap((text): CppToken[] =>
      text === meaning.parameter
        ? argument.map((one) => ({ ...one, expansion }))
        : [{ kind: kindOf(text), text, file: token.file, offset: token.offset, expansion }],
    );
    if (depth === 0 && meaning.body !== '') note({ word: token.text, header: meaning.header });
    out.push(...expand(made, meaningOf, note, depth + 1));
    at = end;
  }
  return out;
}

function expansionOf(token: CppToken, { name, header, parameter, body }: KernelWord): CppExpansion {
  const parameters = parameter === null ? null : [parameter];
  const macro = { name, parameters, variadic: false, body, file: header, offset: 0, line: 1 };
  return { macro, file: token.file, offset: token.offset, parent: token.expansion };
}

function closing(tokens: readonly CppToken[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const text = tokens[at]?.text;
    if (text === '(') depth++;
    else if (text === ')' && --depth === 0) return at;
  }
  return open;
}

function tokenize(body: string): string[] {
  return body.match(/\w+|"[^"]*"|[^\s\w]/g) ?? [];
}

function kindOf(text: string): CppToken['kind'] {
  if (text.startsWith('"')) return 'string';
  return /^[A-Za-z_]/.test(text) ? 'identifier' : 'punctuator';
}
