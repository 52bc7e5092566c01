import type { AnalysisInput } from './analysis.ts';
import { outsideFindings } from './outsideRules.ts';
import type { PlacedFinding } from './place.ts';
import { type Declared, type FunctionFacts, outermostPlace, outermostUse, type Unit } from './unit.ts';

/** Rules on how functions are declared, and on what ordinary functions must leave to noinstr ones. */
export function declarationFindings(input: AnalysisInput, own: readonly FunctionFacts[]): PlacedFinding[] {
  const { unit } = input;
  const findings: PlacedFinding[] = [];
  for (const name of new Set(own.map((fn) => fn.name))) {
    const declarations = unit.declarationsOf(name);
    const merged = unit.functionOf(name)?.declared;
    if (merged === undefined || !merged.sections.some(input.isNoinstrSection)) continue;
    const conflict = declarations.find(({ declared, nameToken }) => unit.isOwn(nameToken) && writesInline(declared));
    if (conflict !== undefined) {
      findings.push(
        told(conflict.nameToken, name, {
          rule: 'noinstr.inline-conflict',
          severity: 'error',
          message: `${name} is noinstr and inline: the compiler may inline its body into instrumented code; drop one of the two`,
        }),
      );
    }
    findings.push(...sectionConflicts(input, name), ...redundant(unit, name));
  }
  for (const fn of own) findings.push(...outsideFindings(fn));
  return findings;
}

function told(
  token: FunctionFacts['nameToken'],
  caller: string,
  said: Pick<PlacedFinding, 'rule' | 'severity' | 'message'> & Partial<PlacedFinding>,
): PlacedFinding {
  const { file, offset } = outermostPlace(token);
  const length = token.expansion === null ? token.text.length : 1;
  return { file, offset, length, caller, subject: caller, related: [], replacement: null, finding: null, ...said };
}

function writesInline(declared: Declared): boolean {
  return declared.inline || declared.attributes.some((one) => one.name === 'always_inline');
}

/** A noinstr section and another one on a declaration, or on the prototype and the definition. */
function sectionConflicts(input: AnalysisInput, name: string): PlacedFinding[] {
  const declarations = input.unit.declarationsOf(name);
  const all = declarations.flatMap(({ declared }) => declared.sections);
  const noinstr = all.find((section) => input.isNoinstrSection(section));
  const other = all.find((section) => section !== noinstr);
  if (noinstr === undefined || other === undefined) return [];
  const definition = declarations.at(-1);
  const both = declarations.find(({ declared }) => declared.sections.length > 1 && new Set(declared.sections).size > 1);
  const at = both ?? definition;
  if (at === undefined || !input.unit.isOwn(at.nameToken)) return [];
  return [
    told(at.nameToken, name, {
      rule: 'noinstr.section-conflict',
      severity: 'error',
      message: `${name} is put into ${noinstr} and into ${other}: a function has one section; drop the other attribute`,
    }),
  ];
}

/** `notrace`, `noinline` and `NOKPROBE_SYMBOL()` on what is noinstr anyway. */
function redundant(unit: Unit, name: string): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { declared, nameToken } of unit.declarationsOf(name)) {
    if (!unit.isOwn(nameToken)) continue;
    const word = writtenWord(unit, nameToken, declared);
    if (word === null) continue;
    findings.push(
      told(nameToken, name, {
        rule: 'noinstr.redundant-marker',
        severity: 'information',
        message: `${name} is noinstr, which says ${word} already; remove ${word}`,
      }),
    );
  }
  for (const range of nokprobeMarks(unit, name)) {
    findings.push({
      file: unit.path,
      offset: range.start,
      length: range.end - range.start,
      rule: 'noinstr.redundant-marker',
      severity: 'information',
      message: `${name} is noinstr, which keeps probes away already; remove NOKPROBE_SYMBOL()`,
      caller: name,
      subject: name,
      related: [],
      replacement: null,
      finding: null,
    });
  }
  return findings;
}

/** Uses of `NOKPROBE_SYMBOL()` on a function; by their text where no header that was read defines it. */
function nokprobeMarks(unit: Unit, name: string): { readonly start: number; readonly end: number }[] {
  if (unit.macroNamed('NOKPROBE_SYMBOL') === null) {
    const marks = unit.text.matchAll(new RegExp(`^NOKPROBE_SYMBOL\\(\\s*${name}\\s*\\)`, 'gm'));
    return [...marks].map((mark) => ({ start: mark.index, end: mark.index + mark[0].length }));
  }
  const isOfName = new RegExp(`\\(\\s*${name}\\s*\\)`);
  const marks = unit.uses
    .filter(
      ({ macro, range }) => macro.name === 'NOKPROBE_SYMBOL' && isOfName.test(unit.text.slice(range.start, range.end)),
    )
    .map(({ range }) => range);
  return marks.length > 0 ? marks : wrappedMarks(unit, name);
}

/** Uses of a macro around `NOKPROBE_SYMBOL()`: told by the variable that it makes (include/asm-generic/kprobes.h). */
function wrappedMarks(unit: Unit, name: string): { readonly start: number; readonly end: number }[] {
  const entry = unit.variableOf(`_kbl_addr_${name}`);
  const use = entry === null ? null : outermostUse(entry.nameToken);
  if (use === null || use.file !== unit.path) return [];
  return unit.uses.filter(({ nameRange }) => nameRange.start === use.offset).map(({ range }) => range);
}

const sectionMacros: ReadonlySet<string> = new Set(['noinstr', '__noinstr_section', '__cpuidle']);

/** `notrace` or `noinline` as a word of the declaration itself. */
function writtenWord(unit: Unit, nameToken: FunctionFacts['nameToken'], declared: Declared): string | null {
  if (nameToken.expansion !== null || declared.sections.length === 0) return null;
  // A section alone says nothing else.
  if (![...declared.macros].some((macro) => sectionMacros.has(macro))) return null;
  const from = Math.max(unit.text.lastIndexOf(';', nameToken.offset), unit.text.lastIndexOf('}', nameToken.offset), 0);
  const code = unit.text.slice(from, nameToken.offset).replace(/^[ \t]*#(?:.*\\\n)*.*$/gm, '');
  const own = code.slice(Math.max(code.lastIndexOf('*/'), code.lastIndexOf('\n\n'), 0));
  return /\b(notrace|noinline)\b/.exec(own)?.[1] ?? null;
}
