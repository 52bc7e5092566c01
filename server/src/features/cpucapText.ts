import { relativePath } from '../base/path.ts';
import type { CpucapMeaning } from '../kernel/cpucapMeaning.ts';
import { bareCpucapName, findCpucap, suggestCpucaps } from '../kernel/cpucaps.ts';
import type { MachineState } from '../kernel/machineStates.ts';
import type { KernelTree } from '../project/kernelTree.ts';
import { questionFor } from './siteStates.ts';

/** Whatever knows the tree that it belongs to. */
interface InTree {
  readonly tree: KernelTree | null;
}

/** When a cpucap's alternatives are applied, by who patches them (spec of the boot order: setup.c and smp.c, v6.1 to v6.12). */
const appliedWhen: Readonly<Record<string, string>> = {
  apply_boot_alternatives: 'applied by `apply_boot_alternatives`, on the boot CPU, before the other CPUs start',
  apply_alternatives_all: 'applied by `apply_alternatives_all`, once all CPUs that boot are up',
};

/** One paragraph on a cpucap: what it detects and when its alternatives are applied; `null` when the tree says nothing. */
export function cpucapSummary({ tree }: InTree, name: string): string | null {
  if (tree === null || findCpucap(tree.cpucaps, name) === undefined) return null;
  const { meaning } = tree.cpucapMeaning(bareCpucapName(name));
  if (meaning === null) return null;
  return sentences(meaning).join(' · ');
}

/** A cpucap as Markdown: number, meaning, place in the tree, the chosen state. `null` for a name outside any tree. */
export function cpucapText({ tree }: InTree, name: string, state: MachineState): string | null {
  if (tree === null) return null;
  const cap = findCpucap(tree.cpucaps, name);
  if (cap === undefined) {
    if (tree.cpucaps.caps.length === 0 || /^ARM64_(NCAPS|CB_\w+|CPUCAP_\w+|ASM_\w+)$/.test(name)) return null;
    const suggestions = suggestCpucaps(tree.cpucaps, name);
    if (suggestions.length === 0) return null;
    const meant = suggestions.map((one) => `\`ARM64_${one.name}\``).join(', ');
    return `\`${name}\` is no cpucap of this tree. Similar: ${meant}`;
  }
  const { meaning, reason } = tree.cpucapMeaning(cap.name);
  const lines: string[] = [];
  if (meaning === null) lines.push(reason);
  else {
    lines.push(sentences(meaning).join(' · '));
    const gates = meaning.configGates.map((gate) => `\`${gate}\``).join(' and ');
    const needs = gates === '' ? '' : `needs ${gates} · `;
    lines.push(`${needs}decided in \`${relativePath(tree.root, meaning.file)}:${meaning.line}\``);
    if (meaning.isCompiledIn === false) lines.push('**This configuration never detects it.**');
  }
  const answer = questionFor(tree, state)(cap.name);
  const verdict = answer.has === null ? 'not known' : answer.has ? 'present' : 'absent';
  lines.push(`In machine state **${state.name}**: ${verdict}${answer.reason === null ? '' : ` (${answer.reason})`}.`);
  const head = `**ARM64_${cap.name}** · cpucap ${cap.number} of ${tree.cpucaps.count} in this tree`;
  return [head, lines.join('  \n')].join('\n\n');
}

function sentences(meaning: CpucapMeaning): string[] {
  const out: string[] = [];
  if (meaning.description !== null) out.push(`*${meaning.description}*`);
  if (meaning.detects !== null) out.push(detected(meaning.detects));
  else if (meaning.match !== null) out.push(`decided by \`${meaning.match.name}()\``);
  if (meaning.type !== null) out.push(`\`${meaning.type}\``);
  if (meaning.patchedBy !== null) out.push(appliedWhen[meaning.patchedBy] ?? meaning.patchedBy);
  return out;
}

/** Fields of registers and names of cores are code; what is told in words is not. */
function detected(text: string): string {
  if (text.startsWith('always')) return text;
  return /(^|[\s(])[a-z]{3,}\b/.test(text) ? `detects ${text}` : `detects \`${text}\``;
}
