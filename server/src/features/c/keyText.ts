import { relativePath } from '../../base/path.ts';
import type { FeatureContext } from '../featureContext.ts';
import type { CFile, CKeyPlace } from './cFile.ts';
import { type KeySwitch, keyFacts } from './keyFacts.ts';
import { keyByModel } from './preemption.ts';
import { keyValue } from './siteOutcome.ts';
import { linked } from './siteText.ts';
import { stateQuestion } from './stateQuestion.ts';

/** Places that a hover names; the others are counted. */
const maxPlaces = 5;

/** A key or static call at its definition, as Markdown: what it starts with, both forms of a test, who uses and who changes it. */
export function keyText(ctx: FeatureContext, file: CFile, key: CKeyPlace): string {
  if (key.kind === 'static-call') {
    const target = key.target === null ? 'nothing' : `\`${key.target}\``;
    const lines = [
      `Calls ${target} as linked. On arm64 no code is patched: each use loads this pointer and branches to it.`,
      ...keyLines(ctx, file, key.name, 'static-call'),
    ];
    return [`**${key.name}** · static call`, lines.join('  \n')].join('\n\n');
  }
  const starts = key.initial === null ? '' : ` · starts **${key.initial}**`;
  const several = key.count === null ? '' : ` · ${key.count} keys`;
  const head = `**${key.name}** · static key${starts}${several}`;
  const lines = [...(key.isSealed ? ['Sealed: it cannot change once the kernel is up.'] : [])];
  if (key.config !== null) {
    const value = file.tree?.config.value(key.config.replace(/^CONFIG_/, '')) ?? 'not set';
    lines.push(`What it starts with follows \`${key.config}\` (${value}).`);
  }
  lines.push(...keyLines(ctx, file, key.name, 'static-key'));
  const byModel = keyByModel(ctx, file.tree, key.name)?.values ?? [];
  const models = byModel.map(({ model, on }) => `**${model}** ${on ? 'on' : 'off'}`);
  if (models.length > 0) lines.push(`\`preempt=\` ${models.join(' · ')}`);
  const question = stateQuestion(ctx, file);
  const now = keyValue(key.name, question);
  if (now !== null) lines.push(`In machine state **${question.state.name}**: ${now ? 'on' : 'off'}.`);
  return [head, key.initial === null ? '' : formTable(key.initial), lines.join('  \n')]
    .filter((one) => one !== '')
    .join('\n\n');
}

/** Both forms of a test of a key (include/linux/jump_label.h: the table of static_branch_likely and _unlikely, v6.1 to v6.12). */
function formTable(initial: boolean): string {
  const insn = (value: boolean, likely: boolean): string => (value === likely ? '`nop`' : '`b`');
  const row = (name: string, likely: boolean): string =>
    `| \`${name}\` | ${insn(initial, likely)} | ${insn(!initial, likely)} |`;
  const head = `| | as linked (${initial}) | once ${!initial} |`;
  return [head, '|:--|:--|:--|', row('static_branch_likely', true), row('static_branch_unlikely', false)].join('\n');
}

/** Who changes a key or a static call, and how many places ask; each a line of Markdown. */
export function keyLines(
  ctx: FeatureContext,
  file: CFile,
  name: string,
  kind: 'static-key' | 'static-call',
): readonly string[] {
  const facts = keyFacts(ctx, file, name);
  const lines: string[] = [];
  const { switchers, definition } = facts;
  if (definition !== null) {
    const at = `${relativePath(file.tree?.root ?? '', definition.path)}:${definition.line}`;
    const holds = definition.target === null ? '' : `, with \`${definition.target}\``;
    lines.push(`Defined in ${linked(ctx, `\`${at}\``, definition.path, definition.line)}${holds}`);
  }
  if (switchers.length > 0) {
    const groups = byFunction(switchers);
    const shown = groups.slice(0, maxPlaces).map(([one, does]) => {
      const by = one.functionName ?? relativePath(file.tree?.root ?? '', one.path);
      return `${linked(ctx, `\`${by}\``, one.path, one.line)} (${does.join(', ')})`;
    });
    const more = groups.length > maxPlaces ? `, ${groups.length - maxPlaces} more` : '';
    const { parameter } = facts;
    const word = parameter === null ? '' : linked(ctx, `\`${parameter.text}\``, parameter.path, parameter.line);
    const from = parameter === null ? '' : ` · kernel parameter ${word}`;
    lines.push(`${kind === 'static-key' ? 'Switched by' : 'Set by'} ${shown.join(', ')}${more}${from}`);
  } else if (facts.isWhole) {
    lines.push(
      kind === 'static-key'
        ? 'No place in this tree switches it by its name.'
        : 'No place in this tree sets it by its name.',
    );
  }
  if (!facts.isWhole && facts.reason !== null) lines.push(`*${facts.reason}*`);
  return lines;
}

/** The first place of each function, with all that it does there. */
function byFunction(switchers: readonly KeySwitch[]): readonly (readonly [KeySwitch, readonly string[]])[] {
  const groups = new Map<string, readonly [KeySwitch, string[]]>();
  for (const one of switchers) {
    const does = one.target === null ? one.does : `to \`${one.target}\``;
    const key = `${one.path} ${one.functionName ?? one.line}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one, [does]]);
    else if (!group[1].includes(does)) group[1].push(does);
  }
  return [...groups.values()];
}
