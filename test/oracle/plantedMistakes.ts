// Mistakes planted into kernel sources: one at a time, at every construct of a file.

/** A written-out construct: `alternative_if` … `alternative_endif`, `alternative_cb` … `alternative_cb_end`, or one line. */
export interface WrittenConstruct {
  readonly opener: 'alternative_if' | 'alternative_if_not' | 'alternative_cb' | 'alternative_insn';
  /** 1-based lines of the opener, of `alternative_else` (`null` without one) and of the end. */
  readonly openLine: number;
  readonly dividerLine: number | null;
  readonly endLine: number;
  /** Macro that ends it; empty for a construct of one line. */
  readonly end: string;
}

/** A changed text and what is to be found in it. */
export interface PlantedMistake {
  readonly kind: string;
  readonly text: string;
  /** One of these rules must speak up; none at all may when it is empty: the change is harmless. */
  readonly rules: readonly string[];
  /** Lines of the changed construct in the changed text. */
  readonly from: number;
  readonly to: number;
  /** Line of the statement that is wrong, where the mistake is one statement. */
  readonly statement: number | null;
}

const openerPattern = /^\s*(alternative_if_not|alternative_if|alternative_cb|alternative_insn)\b(?!_)/;
const endPattern = /^\s*(alternative_endif|alternative_else_nop_endif|alternative_cb_end)\b/;

/** Constructs of a text in order; none of a file that defines the macros themselves. */
export function writtenConstructs(text: string): readonly WrittenConstruct[] {
  if (/^\s*\.macro\s+alternative_if\b/m.test(text)) return [];
  const found: WrittenConstruct[] = [];
  let open: { opener: WrittenConstruct['opener']; openLine: number; dividerLine: number | null } | null = null;
  text.split('\n').forEach((content, index) => {
    const line = index + 1;
    const opener = openerPattern.exec(content)?.[1] as WrittenConstruct['opener'] | undefined;
    if (opener === 'alternative_insn') {
      found.push({ opener, openLine: line, dividerLine: null, endLine: line, end: '' });
    } else if (opener !== undefined) {
      open = { opener, openLine: line, dividerLine: null };
    } else if (open !== null && /^\s*alternative_else\b(?!_)/.test(content)) {
      open.dividerLine = line;
    } else if (open !== null) {
      const end = endPattern.exec(content)?.[1];
      if (end === undefined) return;
      found.push({ ...open, endLine: line, end });
      open = null;
    }
  });
  return found;
}

/** Every mistake that can be made at one construct, and harmless changes beside them. */
export function plantMistakes(text: string, construct: WrittenConstruct): readonly PlantedMistake[] {
  const lines = text.split('\n');
  const { opener, openLine, dividerLine, endLine, end } = construct;
  const at = (line: number): string => lines[line - 1] ?? '';
  const mistakes: PlantedMistake[] = [];
  /** Replaces lines `first` … `last` by `by`; `after` more lines belong to what must be found. */
  const plant = (
    kind: string,
    rules: readonly string[],
    [first, last]: readonly [number, number],
    by: readonly string[],
    behindEnd: readonly string[] = [],
    statement: number | null = null,
  ): void => {
    const changed = [
      ...lines.slice(0, first - 1),
      ...by,
      ...lines.slice(last, endLine),
      ...behindEnd,
      ...lines.slice(endLine),
    ];
    const grown = by.length - (last - first + 1) + behindEnd.length;
    const to = Math.max(endLine + grown, openLine);
    mistakes.push({ kind, rules, text: changed.join('\n'), from: openLine, to, statement });
  };
  const insert = (
    kind: string,
    rules: readonly string[],
    line: number,
    what: readonly string[],
    behind?: string[],
  ): void => plant(kind, rules, [line + 1, line], what, behind);

  /** One statement behind a line, which is where the finding must stand. */
  const insertStatement = (kind: string, rules: readonly string[], line: number, what: string): void =>
    plant(kind, rules, [line + 1, line], [what], [], line + 1);

  const shape = ['alternative.unterminated', 'alternative.stray-end', 'alternative.nested'];
  const length = ['alternative.length-mismatch'];
  const literal = ['alternative.pc-relative-literal'];
  const cpucap = /\bARM64_\w+/.exec(at(openLine))?.[0];
  if (cpucap !== undefined) {
    const renamed = at(openLine).replace(cpucap, `${cpucap}_NOT_THERE`);
    plant('rename the cpucap', ['alternative.unknown-cpucap'], [openLine, openLine], [renamed]);
  }
  if (opener === 'alternative_insn') {
    const written = /^(\s*alternative_insn\s+)([^,"]+|"[^"]*")(\s*,\s*)([^,"]+|"[^"]*")(.*)$/.exec(at(openLine));
    if (written !== null) {
      const [, head = '', first = '', comma = '', second = '', tail = ''] = written;
      const line = (one: string, two: string): readonly string[] => [`${head}${one}${comma}${two}${tail}`];
      const here = [openLine, openLine] as const;
      plant('adr in the replacement', literal, here, line(first, '"adr x0, ."'));
      plant('one more instruction in the first half', length, here, line(`"${unquoted(first)}; nop"`, second));
      plant('both halves the same', ['alternative.no-effect'], here, line('"isb"', '"isb"'));
    }
    return mistakes;
  }

  const otherEnd = end === 'alternative_cb_end' ? 'alternative_endif' : 'alternative_cb_end';
  plant('end it with another macro', shape, [endLine, endLine], [otherEnd]);
  if (dividerLine !== null)
    plant('write alternative_else twice', shape, [dividerLine, dividerLine], [at(dividerLine), at(dividerLine)]);
  plant('delete the end', shape, [endLine, endLine], []);
  if (dividerLine !== null) plant('delete alternative_else', shape, [dividerLine, dividerLine], []);
  plant('delete the opener', shape, [openLine, openLine], []);
  plant('write the end twice', shape, [endLine, endLine], [at(endLine), at(endLine)]);

  const nested = ['alternative.nested'];
  const whole = ['alternative_if ARM64_HAS_SB', '\tnop', 'alternative_else_nop_endif'];
  const isMode1 = opener === 'alternative_if';
  const halves: { name: string; start: number; stop: number; isReplacement: boolean }[] = [
    { name: 'first half', start: openLine, stop: dividerLine ?? endLine, isReplacement: isMode1 },
  ];
  if (dividerLine !== null) {
    halves.push({ name: 'second half', start: dividerLine, stop: endLine, isReplacement: !isMode1 });
  }
  for (const { name, start, stop, isReplacement } of halves) {
    // Not in the macro itself, where it would be a recursion.
    if (!isInMacro(lines, openLine, 'sb')) insertStatement(`sb in the ${name}`, nested, start, '\tsb');
    insert(`an alternative in the ${name}`, nested, start, whole);
    insert(`a comment and a blank line in the ${name}`, [], start, ['\t// planted', '']);
    insertStatement(`a section switch in the ${name}`, ['alternative.section-switch'], start, '\t.text');
    insertStatement(`data in the ${name}`, ['alternative.not-an-instruction'], start, '\t.word\t0');
    insert(`a label of the macros in the ${name}`, ['alternative.label-clash', ...shape], start, ['663:']);
    if (opener === 'alternative_cb') {
      insert('one placeholder more', ['alternative.callback-size'], start, ['\tnop']);
      continue;
    }
    const isPadded = end === 'alternative_else_nop_endif';
    const lengths = isPadded ? [] : length;
    insert(`one more instruction in the ${name}`, lengths, stop - 1, ['\tmov\tx0, x1']);
    insert(`64 instructions in the ${name}`, ['alternative.too-long'], stop - 1, Array(64).fill('\tnop'));
    const insns = [];
    for (let line = start + 1; line < stop; line++) if (isPlainInsn(at(line))) insns.push(line);
    const first = insns[0];
    // What holds nothing but this instruction would be empty, which is another matter.
    if (first !== undefined && insns.length > 1) {
      plant(`one instruction less in the ${name}`, lengths, [first, first], []);
    }
    if (isReplacement) {
      insertStatement('adr in the replacement', literal, start, '\tadr\tx0, .');
      insertStatement('ldr = in the replacement', literal, start, '\tldr\tx0, =0x123456789abcdef');
      insert(
        'a branch to a label in the replacement',
        ['alternative.branch-into-replacement'],
        start,
        ['7777:\tmov\tx0, x1'],
        ['\tb\t7777b'],
      );
    } else if (first !== undefined && insns.length > 1) {
      plant(
        'a branch into the original',
        ['alternative.branch-into-original'],
        [first, first],
        [at(first), '7777:'],
        ['\tcbz\tx0, 7777b'],
      );
    }
  }
  return mistakes;
}

function unquoted(argument: string): string {
  return argument.replace(/^"(.*)"$/, '$1').trim();
}

/** Whether a line stands in the body of the named macro. */
function isInMacro(lines: readonly string[], line: number, name: string): boolean {
  for (let before = line; before > 0; before--) {
    const content = lines[before - 1] ?? '';
    if (/^\s*\.endm\b/.test(content)) return false;
    const macro = /^\s*\.macro\s+(\w+)/.exec(content)?.[1];
    if (macro !== undefined) return macro === name;
  }
  return false;
}

/** A line that is one instruction and nothing else, as far as its look tells. */
function isPlainInsn(content: string): boolean {
  return /^\s+(?:mov|mrs|msr|ldr|ldp|str|stp|add|sub|and|orr|eor|bic|isb|dsb|dmb|nop|b|bl|cbn?z|tbn?z|dc|ic|hint)\b[^;\\]*$/.test(
    content,
  );
}
