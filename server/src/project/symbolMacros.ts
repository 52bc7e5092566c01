/** What a macro does to the symbol that is its first argument. */
export interface SymbolEffect {
  /** Makes a label of it (`SYM_FUNC_START`, `ENTRY`). */
  readonly label: boolean;
  /** Assigns to it (`SYM_FUNC_ALIAS`). */
  readonly assigns: boolean;
  /** Says its size, which ends it (`SYM_FUNC_END`, `ENDPROC`). */
  readonly ends: boolean;
  /** Says that it is data. */
  readonly isObject: boolean;
}

/** Text of a macro, of the preprocessor or of the assembler, as it is defined. */
export interface MacroText {
  readonly language: 'cpp' | 'gas';
  readonly parameters: readonly string[];
  readonly body: string;
}

/** Effect of a macro by its name; `null` for a name that is none or does nothing to its argument. */
export type SymbolEffects = (name: string) => SymbolEffect | null;

const none: SymbolEffect = { label: false, assigns: false, ends: false, isObject: false };
const maxDepth = 12;

/**
 * Effects read from the macros' own texts and from the macros that these hand their argument on to
 * (`include/linux/linkage.h`: `SYM_FUNC_START(name)` to `SYM_START(name, …)` to `SYM_ENTRY(name, …)`, which says
 * `name:`), so that no macro is known by its name. Each is worked out once.
 */
export function symbolEffects(lookup: (name: string) => MacroText | null): SymbolEffects {
  const known = new Map<string, SymbolEffect>();
  const effectOf = (name: string, depth: number): SymbolEffect => {
    const before = known.get(name);
    if (before !== undefined) return before;
    // A macro that calls itself has the effect of the rest of its body.
    known.set(name, none);
    const macro = depth > maxDepth ? null : lookup(name);
    const effect = macro === null ? none : readEffect(macro, (inner) => effectOf(inner, depth + 1));
    known.set(name, effect);
    return effect;
  };
  return (name) => {
    const effect = effectOf(name, 0);
    return effect.label || effect.assigns || effect.ends ? effect : null;
  };
}

function readEffect(macro: MacroText, effectOf: (name: string) => SymbolEffect): SymbolEffect {
  const first = macro.parameters[0];
  if (first === undefined || !/^[\w$.]+$/.test(first)) return none;
  const { body } = macro;
  if (!body.includes(first)) return none;
  const escaped = first.replace(/[$.]/g, '\\$&');
  const use =
    macro.language === 'cpp' ? `(?<![\\w$.#\\\\])${escaped}(?![\\w$.])` : `\\\\${escaped}(?:\\\\\\(\\))?(?![\\w$.])`;
  const has = (pattern: string): boolean => new RegExp(pattern).test(body);
  const effect = {
    label: has(`(?<!#\\s*)${use}\\s*:(?!:)`),
    assigns: has(`\\.(?:set|equ|equiv)\\s+${use}\\s*,`),
    ends: has(`\\.size\\s+${use}\\s*,?`),
    isObject: has(`[@%]object\\b|\\bSTT_OBJECT\\b`) || /\bSYM_T_OBJECT\b/.test(body),
  };
  for (const match of body.matchAll(
    new RegExp(`([A-Za-z_][\\w$]*)\\s*\\(\\s*${use}\\s*[,)]|(?:^|[\\n;])\\s*([A-Za-z_][\\w$.]*)[ \\t]+${use}`, 'g'),
  )) {
    const inner = effectOf(match[1] ?? match[2] ?? '');
    effect.label ||= inner.label;
    effect.assigns ||= inner.assigns;
    effect.ends ||= inner.ends;
    effect.isObject ||= inner.isObject;
  }
  return effect;
}

/** Whether a body can have an effect at all: keeps the macros that an index has to remember few. */
export function mayHaveEffect(body: string): boolean {
  return (
    body.includes(':') || body.includes('.size') || body.includes('.set') || body.includes('.equ') || body.includes('(')
  );
}
