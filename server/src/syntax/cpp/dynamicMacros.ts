import { basename } from '../../base/path.ts';
import type { CppLanguage } from './lexer.ts';
import { type DynamicMacro, dynamicMacro, type Macro } from './macro.ts';
import type { Names } from './macroTable.ts';
import { predefined } from './predefined.ts';
import type { Run } from './run.ts';
import { Flag, Kind } from './token.ts';

const names: readonly DynamicMacro[] = [
  '__FILE__',
  '__FILE_NAME__',
  '__BASE_FILE__',
  '__LINE__',
  '__INCLUDE_LEVEL__',
  '__COUNTER__',
  '__DATE__',
  '__TIME__',
  '__TIMESTAMP__',
  '__has_include',
  '__has_include_next',
  '_Pragma',
];
const cOnly: readonly DynamicMacro[] = ['__has_attribute', '__has_cpp_attribute', '__has_c_attribute', '__has_builtin'];

/** Macros whose text depends on where they are met. */
export function dynamicMacros(language: CppLanguage, known: Names, given: readonly string[]): readonly Macro[] {
  const met = language === 'asm' ? names : [...names, ...cOnly];
  return [
    ...met.map((name) => dynamicMacro(known.get(name), name)),
    ...given.map((name) => dynamicMacro(known.get(name), 'given')),
  ];
}

/** Text of a dynamic macro met at an offset of the file being read; operators such as `__has_include` read their operand. */
export function dynamicText(run: Run, macro: DynamicMacro, place: number, name: string): string {
  const { frame } = run;
  switch (macro) {
    case '__FILE__':
      return quoted(run.shownName(frame.presumedFile ?? frame.file.path));
    case '__FILE_NAME__':
      return quoted(basename(frame.presumedFile ?? frame.file.path));
    case '__BASE_FILE__':
      run.unkeepable = true;
      return quoted(run.shownName(run.main.path));
    case 'given':
      // What is kept of an included file serves objects with the same values.
      if (!frame.isShown) run.usesGiven = true;
      return run.options.objectDefines?.find((one) => one.name === name)?.value ?? '0';
    case '__LINE__':
      return String(frame.file.physicalLine(place) + frame.lineShift);
    case '__INCLUDE_LEVEL__':
      return String(frame.level);
    case '__COUNTER__': {
      const value = run.factValue('counter');
      run.setFact('counter', value + 1);
      return String(value);
    }
    // What GCC prints when the time cannot be known.
    case '__DATE__':
      return '"??? ?? ????"';
    case '__TIME__':
      return '"??:??:??"';
    case '__TIMESTAMP__':
      return '"??? ??? ?? ??:??:?? ????"';
    case '__has_include':
    case '__has_include_next':
      return hasInclude(run, macro === '__has_include_next') ? '1' : '0';
    case '__has_attribute':
    case '__has_cpp_attribute':
    case '__has_c_attribute':
      return String(predefined.attributes.get(operandName(run).replace(/^__(.+)__$/, '$1')) ?? 0);
    case '__has_builtin':
      return predefined.builtins.has(operandName(run)) ? '1' : '0';
    default:
      return '0';
  }
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Name in parentheses; a scope before it (`gnu::x`) is dropped. */
function operandName(run: Run): string {
  const { expander } = run;
  const open = expander.nextSolid();
  if (open.type !== Kind.openParen) {
    expander.back();
    return '';
  }
  let name = '';
  for (;;) {
    const tok = expander.nextSolid();
    if (tok.type === Kind.closeParen) return name;
    if (tok.type === Kind.end) return '';
    if (tok.type === Kind.name) name = tok.text;
  }
}

function hasInclude(run: Run, next: boolean): boolean {
  const { expander, frame } = run;
  const open = expander.nextSolid();
  const parenthesized = open.type === Kind.openParen;
  if (!parenthesized) {
    if (open.type !== Kind.end) expander.back();
    return false;
  }
  const header = readHeaderTokens(run);
  if (expander.nextSolid().type !== Kind.closeParen || header === null) return false;
  const after = next && !frame.isMain ? frame.directory : null;
  return run.search.has(header.name, header.angled, frame.file.path, after);
}

/** A header name from tokens: a string, or everything between `<` and `>`. */
export function readHeaderTokens(run: Run): { readonly name: string; readonly angled: boolean } | null {
  const { expander, frame } = run;
  const first = expander.nextSolid();
  if (first.type === Kind.string) return { name: first.text.slice(1, -1), angled: false };
  if (first.type !== Kind.less) return null;
  // Written in the line itself, the name is not to be expanded (`linux` is a macro).
  const literal = first.ref === frame.file.ref && expander.atBase;
  if (literal) expander.preventExpansion++;
  let name = '';
  let closed = false;
  for (;;) {
    const tok = expander.nextSolid();
    if (tok.type === Kind.end) break;
    if (tok.type === Kind.greater) {
      closed = true;
      break;
    }
    if (tok.flags & Flag.previousWhite && name !== '') name += ' ';
    name += tok.text;
  }
  if (literal) expander.preventExpansion--;
  return closed ? { name, angled: true } : null;
}
