import type { StaticCallModel } from '../../kernel/c/cSite.ts';
import type { StreamInsn } from '../../kernel/patchSite.ts';
import type { CUnit } from '../../project/cUnit.ts';

/**
 * A call through a static call's key. arm64 has no HAVE_STATIC_CALL: the generic form loads the function's address
 * and calls it (include/linux/static_call.h, v6.1 and v6.12).
 */
export function staticCallModel(
  call: { readonly key: string; readonly orElse: boolean },
  unit: CUnit,
  place: { readonly file: string; readonly line: number },
): StaticCallModel {
  const { key, orElse } = call;
  const definition = unit.variables.find(({ name, initializer }) => name === key && initializer !== null);
  const target = /\.\s*func\s*=\s*(?:\([^()]*\)\s*)?&?\s*(\w+)/.exec(definition?.initializer ?? '')?.[1] ?? null;
  const insn = (text: string): StreamInsn => ({
    text,
    written: null,
    word: null,
    wordReason: 'registers and the distance to the key are the compiler’s and the linker’s choice',
    relocation: null,
    blockLine: place.line,
    file: place.file,
    line: place.line,
    chain: [],
  });
  const load = [insn(`adrp x0, ${key}`), insn(`ldr x0, [x0, :lo12:${key}]`)];
  const check = orElse ? [insn('adrp x1, __static_call_nop'), insn('cmp x0, #0'), insn('csel x0, x0, x1, ne')] : [];
  return {
    call: key.replace(/^__SCK__/, ''),
    key,
    target: target === 'NULL' ? null : target,
    targetReason: definition === undefined ? 'the static call is defined in another file' : null,
    conditional: orElse,
    stream: [...load, ...check, insn('blr x0')],
  };
}
