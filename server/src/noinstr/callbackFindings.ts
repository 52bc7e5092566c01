import { blankComments, declarationHead } from './declarationHead.ts';
import type { PlacedFinding } from './place.ts';
import type { TreeKnowledge } from './treeKnowledge.ts';
import { outermostPlace, type Unit } from './unit.ts';

/** A use of a callback in an alternative. */
export interface CallbackUse {
  readonly name: string;
  readonly path: string;
  readonly offset: number;
}

/** Uses in a text: `alternative_cb CAP, cb` of the assembler, `ALTERNATIVE_CB(old, cap, cb)` of C. */
function callbackUses(text: string, path: string): CallbackUse[] {
  const uses: CallbackUse[] = [];
  const code = blankComments(text);
  for (const match of code.matchAll(/^[ \t]*alternative_cb(?:_\w+)?[ \t]+[^,\n]+,[ \t]*([A-Za-z_]\w*)/gm)) {
    const name = match[1] ?? '';
    uses.push({ name, path, offset: match.index + match[0].length - name.length });
  }
  for (const match of code.matchAll(/\bALTERNATIVE_CB\s*\(/g)) {
    let depth = 1;
    let end = match.index + match[0].length;
    for (; end < code.length && depth > 0; end++) {
      if (code[end] === '(') depth++;
      else if (code[end] === ')') depth--;
    }
    const name = /,\s*([A-Za-z_]\w*)\s*\)$/.exec(code.slice(match.index, end));
    if (name?.[1] !== undefined && !/^[ \t]*#/.test(lineOf(code, match.index))) {
      uses.push({ name: name[1], path, offset: match.index + name.index + name[0].indexOf(name[1]) });
    }
  }
  return uses;
}

function lineOf(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(text.lastIndexOf('\n', offset) + 1, end < 0 ? text.length : end);
}

/** Uses in C behind macros of one's own: what they expand to holds a record with the callback's name. */
function expandedUses(unit: Unit): CallbackUse[] {
  return unit.uses.flatMap(({ range, expansion }) =>
    [...expansion.matchAll(/\.word\s*"\s*"([A-Za-z_]\w*)"\s*"\s*-\s*\./g)].map((match) => {
      const name = match[1] ?? '';
      const written = unit.text.slice(range.start, range.end).search(new RegExp(`\\b${name}\\b`));
      return { name, path: unit.path, offset: range.start + Math.max(0, written) };
    }),
  );
}

/**
 * Callbacks that a file uses or defines and that can be instrumented, each at its first use. `made` are uses that only
 * the file's macros show.
 */
export function callbackFindings(
  path: string,
  text: string,
  unit: Unit | null,
  knowledge: TreeKnowledge,
  made: readonly CallbackUse[] = unit === null ? [] : expandedUses(unit),
): PlacedFinding[] {
  const uses = [...callbackUses(text, path), ...made];
  if (unit !== null) uses.push(...usesOfOwn(unit, knowledge, new Set(uses.map((use) => use.name))));
  const findings: PlacedFinding[] = [];
  const seen = new Set<string>();
  for (const use of uses) {
    if (seen.has(use.name)) continue;
    seen.add(use.name);
    const callback = definitionOf(use.name, unit, knowledge);
    if (callback === null || callback.isNoinstr) continue;
    findings.push({
      file: use.path,
      offset: use.offset,
      length: use.name.length,
      rule: 'noinstr.callback-instrumentable',
      severity: callback.isInit ? 'information' : 'warning',
      message: `${use.name} patches kernel text but can itself be instrumented${callback.isInit ? ' (runs only at boot)' : ''}; make it noinstr`,
      caller: use.name,
      subject: use.name,
      related: [{ ...callback.place, message: `${use.name} is defined here` }],
      replacement: null,
      finding: null,
    });
  }
  return findings;
}

/** Uses elsewhere of callbacks that the unit defines. */
function usesOfOwn(unit: Unit, knowledge: TreeKnowledge, known: ReadonlySet<string>): CallbackUse[] {
  const found: CallbackUse[] = [];
  for (const name of unit.ownFunctionNames) {
    if (known.has(name)) continue;
    const fn = unit.functionOf(name);
    if (fn === null || fn.class === 'noinstr' || !/^struct alt_instr \*/.test(fn.parameterText)) continue;
    // In order, so that the place stays the same whatever was edited last.
    for (const path of [...(knowledge.index?.usesOf(name) ?? [])].sort()) {
      const text = path === unit.path ? undefined : knowledge.textOf(path);
      const use = text === undefined ? undefined : callbackUses(text, path).find((one) => one.name === name);
      if (use === undefined) continue;
      found.push(use);
      break;
    }
  }
  return found;
}

function definitionOf(
  name: string,
  unit: Unit | null,
  knowledge: TreeKnowledge,
): { isNoinstr: boolean; isInit: boolean; place: { file: string; offset: number; length: number } } | null {
  const own = unit?.functionOf(name) ?? null;
  if (own !== null) {
    const { file, offset } = outermostPlace(own.nameToken);
    const isInit = own.declared.sections.includes('.init.text') || own.declared.macros.has('__init');
    return { isNoinstr: own.class === 'noinstr', isInit, place: { file, offset, length: name.length } };
  }
  const definition = knowledge.definitionOf(name);
  const text = definition === null ? undefined : knowledge.textOf(definition.path);
  if (definition === null || text === undefined) return null;
  const outside = knowledge.functionNamed(name);
  const { before, after } = declarationHead(text, definition.offset);
  return {
    isNoinstr: outside?.class === 'noinstr',
    isInit: /\b__init\b/.test(`${before} ${after}`),
    place: { file: definition.path, offset: definition.offset, length: definition.length },
  };
}
