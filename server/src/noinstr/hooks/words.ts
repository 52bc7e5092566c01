import type { CppExpansion, CppMacro, CppToken } from '../../syntax/cpp/model.ts';
import { definitionEnd } from '../claims.ts';

/** A word of an expression, with the token that it was read from. */
export interface Word {
  readonly text: string;
  readonly token: CppToken;
}

/** Reads the files that macros are defined in. */
type TextOf = (file: string) => string | undefined;

/** Macros that read the object they are given, or give its address on a CPU. */
export const reads: ReadonlySet<string> = new Set(
  (
    'READ_ONCE __READ_ONCE smp_load_acquire rcu_dereference rcu_dereference_check rcu_dereference_raw ' +
    'rcu_dereference_sched rcu_dereference_protected unrcu_pointer likely unlikely this_cpu_read __this_cpu_read ' +
    'raw_cpu_read this_cpu_ptr raw_cpu_ptr __this_cpu_ptr per_cpu_ptr per_cpu get_cpu_ptr get_cpu_var ' +
    'lm_alias static_call static_call_query'
  ).split(' '),
);

/** Macros that store their last argument into what the first one names. */
export const writes: ReadonlySet<string> = new Set(
  (
    'WRITE_ONCE __WRITE_ONCE smp_store_release smp_store_mb rcu_assign_pointer RCU_INIT_POINTER rcu_replace_pointer ' +
    'this_cpu_write __this_cpu_write raw_cpu_write this_cpu_xchg xchg xchg_relaxed xchg_acquire xchg_release ' +
    'cmpxchg cmpxchg_relaxed cmpxchg_acquire cmpxchg_release raw_xchg raw_cmpxchg static_call_update ' +
    '__static_call_update static_call_cond'
  ).split(' '),
);

/**
 * Words of expanded text in which reads and writes of the kernel stand as calls again, whatever they expand to:
 * `READ_ONCE ( x )`.
 */
export function wordsOf(tokens: readonly CppToken[], textOf: TextOf): Word[] {
  return collapse(tokens, null, textOf);
}

function collapse(tokens: readonly CppToken[], within: CppExpansion | null, textOf: TextOf): Word[] {
  const words: Word[] = [];
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at];
    if (token === undefined) break;
    const known = knownAround(token, within, textOf);
    if (known === null) {
      words.push({ text: token.text, token });
      at++;
      continue;
    }
    let end = at;
    while (end < tokens.length && isInside(tokens[end], known)) end++;
    const group = tokens.slice(at, end);
    words.push({ text: known.macro.name, token }, { text: '(', token });
    for (const [index, run] of argumentRuns(group, known, textOf).entries()) {
      if (index > 0) words.push({ text: ',', token });
      words.push(...collapse(run, known, textOf));
    }
    words.push({ text: ')', token });
    at = end;
  }
  return words;
}

/** The outermost read or write around a token; below another one only those that stand in its arguments. */
function knownAround(token: CppToken, within: CppExpansion | null, textOf: TextOf): CppExpansion | null {
  let found: CppExpansion | null = null;
  for (let at = token.expansion; at !== null && at !== within; at = at.parent) {
    if (!reads.has(at.macro.name) && !writes.has(at.macro.name)) continue;
    if (within === null || !isWrittenInside(at, at.parent, within, textOf)) found = at;
  }
  return found;
}

function isInside(token: CppToken | undefined, expansion: CppExpansion): boolean {
  for (let at = token?.expansion ?? null; at !== null; at = at.parent) if (at === expansion) return true;
  return false;
}

/** The arguments of a use in their order, each once: runs of tokens that neither the macro nor what it uses has written. */
function argumentRuns(group: readonly CppToken[], expansion: CppExpansion, textOf: TextOf): CppToken[][] {
  const runs: { readonly tokens: CppToken[]; readonly at: number }[] = [];
  const key = group.find((token) => token.text.startsWith(staticCallKey));
  if (key !== undefined) runs.push({ tokens: [key], at: -1 });
  let last: CppToken[] | null = null;
  for (const token of group) {
    const at = argumentPlace(token, expansion, textOf);
    if (at === null) last = null;
    else if (last !== null) last.push(token);
    else {
      last = [token];
      runs.push({ tokens: last, at });
    }
  }
  const seen = new Set<string>();
  return runs
    .sort((left, right) => left.at - right.at)
    .map(({ tokens }) => tokens)
    .filter((tokens) => {
      const text = tokens.map((token) => token.text).join(' ');
      const isNew = !seen.has(text);
      seen.add(text);
      return isNew;
    });
}

/** Prefix of the object that holds the function of a static call (include/linux/static_call_types.h). */
export const staticCallKey = '__SCK__';

/** Where a token of an argument, or the macro use it came out of, stands in the text of a use; `null` for the macro's own. */
function argumentPlace(token: CppToken, expansion: CppExpansion, textOf: TextOf): number | null {
  let { file, offset } = token;
  for (let at = token.expansion; at !== null; at = at.parent) {
    const wrote = isWrittenBy(at.macro, file, offset, textOf);
    if (at === expansion) return wrote ? null : offset;
    if (wrote) ({ file, offset } = at);
  }
  return null;
}

/** Whether a macro, or one that it uses, spells what stands at a place; `around` is the innermost use around it. */
function isWrittenInside(
  place: { readonly file: string; readonly offset: number },
  around: CppExpansion | null,
  expansion: CppExpansion,
  textOf: TextOf,
): boolean {
  let { file, offset } = place;
  for (let at = around; at !== null; at = at.parent) {
    const wrote = isWrittenBy(at.macro, file, offset, textOf);
    if (at === expansion) return wrote;
    if (wrote) ({ file, offset } = at);
  }
  return true;
}

const ends = new WeakMap<CppMacro, number>();

function isWrittenBy(macro: CppMacro, file: string, offset: number, textOf: TextOf): boolean {
  if (file === '' || file.startsWith('<')) return true;
  if (file !== macro.file || offset <= macro.offset) return false;
  let end = ends.get(macro);
  if (end === undefined) {
    end = definitionEnd(textOf(macro.file) ?? '', macro.offset);
    ends.set(macro, end);
  }
  return offset < end;
}
