import type { NoinstrAnalysis } from './analysis.ts';
import { cpucapOfSetters, isChangedAfterInit } from './keySetters.ts';
import { rootSite } from './pathState.ts';
import { type PlacedFinding, placeOf } from './place.ts';
import type { StaticKey, TreeKnowledge } from './treeKnowledge.ts';
import type { Walk } from './walk.ts';

const maxFunctions = 5;
/** Where a patching IPI or a half-patched branch hurts most. */
const sensitive = /\/(entry[^/]*|context_tracking[^/]*|idle[^/]*|cpuidle[^/]*|kvm)(\.|\/)|\/kvm\/|\/cpuidle\//;

/** Static keys that noinstr code tests where nothing may be instrumented, and that can be toggled at run time. */
export function keyFindings(analysis: NoinstrAnalysis, knowledge: TreeKnowledge): PlacedFinding[] {
  const users = new Map<string, Walk['keys'][number][]>();
  const findings: PlacedFinding[] = [];
  for (const report of analysis.functions) {
    const seen = new Set<string>();
    for (const use of report.keys) {
      const cap = use.index === null ? null : cpucapOfIndex(use, analysis, knowledge);
      if (cap !== null) {
        findings.push(cpucapKey(use, report.fn.name, cap));
        continue;
      }
      if (seen.has(use.name)) continue;
      seen.add(use.name);
      const list = users.get(use.name) ?? [];
      list.push(use);
      users.set(use.name, list);
    }
  }
  for (const name of analysis.primitiveKeys) {
    const key = keyOf(analysis, knowledge, name);
    // Every entry tests it: one finding where it is defined, whoever is looked at.
    const isUsed = users.delete(name);
    if (key === null || key.readOnly || (key.path !== analysis.unit.path && !isUsed)) continue;
    findings.push(...writableKey(name, key, [], knowledge));
  }
  for (const [name, uses] of users) {
    const key = keyOf(analysis, knowledge, name);
    if (key === null || key.definer === 'tracepoint') continue;
    const cap = cpucapOfSetters(name, key, knowledge);
    if (cap !== null) {
      findings.push(...uses.map((use) => cpucapKey(use, rootSite(use.site).fn.name, cap)));
      continue;
    }
    if (key.readOnly) continue;
    findings.push(...writableKey(name, key, uses, knowledge));
  }
  return findings;
}

function writableKey(
  name: string,
  key: StaticKey,
  uses: readonly Walk['keys'][number][],
  knowledge: TreeKnowledge,
): PlacedFinding[] {
  const definition = { file: key.path, offset: key.offset, length: key.length };
  const readOnly = /^DEFINE_STATIC_KEY_(TRUE|FALSE)$/.test(key.definer) ? `${key.definer}_RO` : '__ro_after_init';
  const replacement = isChangedAfterInit(name, key, knowledge) ? null : readOnly;
  const said = (user: string): Pick<PlacedFinding, 'rule' | 'message' | 'subject' | 'replacement' | 'finding'> => ({
    rule: 'noinstr.static-key-writable',
    message: `${name} can be toggled at run time: ${user} may see the text change and every CPU gets a patching IPI; define it _RO if it only changes during init`,
    subject: name,
    replacement,
    finding: null,
  });
  const places = uses.map((use) => ({ use, place: placeOf(rootSite(use.site)), caller: rootSite(use.site).fn.name }));
  if (uses.length > maxFunctions || uses.length === 0) {
    return [
      {
        ...definition,
        ...said('noinstr code'),
        severity: sensitive.test(key.path) ? 'warning' : 'information',
        caller: name,
        related: places.map(({ place, caller }) => ({ ...place, message: `tested in ${caller}()` })),
      },
    ];
  }
  return places.map(({ place, caller }) => ({
    ...place,
    ...said(caller),
    severity: sensitive.test(place.file) ? ('warning' as const) : ('information' as const),
    caller,
    related: [{ ...definition, message: `${name} is defined here` }],
  }));
}

function cpucapKey(use: Walk['keys'][number], caller: string, cap: string): PlacedFinding {
  return {
    ...placeOf(rootSite(use.site)),
    rule: 'noinstr.cpucap-static-key',
    severity: 'warning',
    message: `use alternative_has_cap_likely() or _unlikely(${cap}): patched together with the other alternatives, no lasting metadata`,
    caller,
    subject: use.text,
    related: [],
    replacement: /^ARM64_\w+$/.test(cap) ? `alternative_has_cap_unlikely(${cap})` : null,
    finding: null,
  };
}

/** The cpucap that indexes a key, where the array has one key for each cpucap or the index is one by its name. */
function cpucapOfIndex(use: Walk['keys'][number], analysis: NoinstrAnalysis, knowledge: TreeKnowledge): string | null {
  const index = (use.index ?? '').replace(/^\[|\]$/g, '').replace(/^\((.*)\)$/, '$1');
  if (/^ARM64_[A-Z0-9_]+$/.test(index)) return index;
  const key = keyOf(analysis, knowledge, use.name);
  const text =
    key === null ? undefined : key.path === analysis.unit.path ? analysis.unit.text : knowledge.textOf(key.path);
  if (key === null || text === undefined) return null;
  return /^\w+[^;=]*\bARM64_NCAPS\b/.test(text.slice(key.offset, key.offset + 200)) ? index : null;
}

/** The key's definition: in the unit, else anywhere in the tree. */
function keyOf(analysis: NoinstrAnalysis, knowledge: TreeKnowledge, name: string): StaticKey | null {
  const { unit } = analysis;
  const own = unit.variableOf(name);
  if (own === null || (own.initializer.length === 0 && own.declared.isExtern)) {
    return knowledge.keyOf(name) ?? keyInText(analysis, name);
  }
  const macros = [...own.declared.macros];
  const definer = macros.find((macro) => /^(DEFINE|DECLARE)_STATIC_KEY/.test(macro)) ?? 'struct static_key';
  if (definer.startsWith('DECLARE')) return knowledge.keyOf(name);
  const readOnly = macros.some((macro) => /_RO$|^__ro_after_init$/.test(macro));
  const { file, offset } = own.nameToken;
  return { path: file, offset, length: name.length, line: 0, readOnly, definer };
}

/** A key that the file defines by the kernel's macros, where no header that was read has them. */
function keyInText({ unit }: NoinstrAnalysis, name: string): StaticKey | null {
  const defines = new RegExp(`^[\\w \\t]*\\b(DEFINE_STATIC_KEY_\\w+)\\s*\\(\\s*${name}\\b`, 'm').exec(unit.text);
  const definer = defines?.[1];
  if (defines === null || definer === undefined || unit.macroNamed(definer) !== null) return null;
  const offset = defines.index + defines[0].length - name.length;
  return { path: unit.path, offset, length: name.length, line: 0, readOnly: definer.endsWith('_RO'), definer };
}
