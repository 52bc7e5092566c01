import { relativePath } from '../../base/path.ts';
import type { ArmPlace, CSite, JumpModel, KeyOwner } from '../../kernel/c/cSite.ts';
import { callbackKnowledge } from '../../kernel/callbacks.ts';
import type { AlternativeSite, StreamInsn } from '../../kernel/patchSite.ts';
import { isApplied, streamWhenSet } from '../../patch/patchedStream.ts';
import { configNamedAt } from '../constructText.ts';
import { costLine, costMarkdown } from '../cost/costReport.ts';
import { cpucapSummary } from '../cpucapText.ts';
import type { FeatureContext } from '../featureContext.ts';
import { questionFor } from '../siteStates.ts';
import { noCpucaps } from '../stateChoices.ts';
import { byteCosts, stateSentence, streamTable } from '../streamText.ts';
import { cSiteCost } from './cCost.ts';
import type { CFile } from './cFile.ts';
import { keyByModel } from './preemption.ts';
import { isTold } from './siteLabel.ts';
import { decides, type StateQuestion, siteOutcome } from './siteOutcome.ts';
import { staticCallLines } from './staticCallText.ts';

/** What the hover of a site is made from. */
export interface SiteTextInput {
  readonly ctx: FeatureContext;
  readonly file: CFile;
  readonly question: StateQuestion;
  /** Lines about the key of a jump or about a static call: who switches it, what follows; from the whole tree. */
  readonly keyLines: (name: string, kind: 'static-key' | 'static-call') => readonly string[];
}

/** Bytes of one `struct jump_entry` (include/linux/jump_label.h, arm64: relative entries, v6.12). */
const jumpEntryBytes = 16;

/** Keeps narrow columns of a hover's table apart; blanks at the end of a cell are cut off. */
const pad = '\u00a0\u00a0\u200b';

/** Names between a place and what it is made of that are told. */
const maxSteps = 4;

const ownerText: Readonly<Record<KeyOwner, string>> = {
  key: 'static key',
  tracepoint: 'key of a tracepoint',
  'dynamic-debug': 'key of dynamic debug',
  'lsm-hook': 'key of an LSM hook',
};

/** A site as Markdown: what it is, both states in one table, who switches it, bytes, the chosen machine. */
export function siteText(input: SiteTextInput, site: CSite): string {
  const { table, lines } = parts(input, site);
  // Of a site that is one of many in a helper of a header, its bytes and its cost are not what the reader asks for.
  const isShort = !isTold(input.file, site) && site.removed === null;
  const more = [
    ...(isShort ? shortLines(input, site) : [...lines, ...costLines(input.ctx, site)]),
    ...chainLines(input, site),
    ...site.issues.map((issue) => `⚠ ${issue}`),
  ];
  return [headText(input, site), table, more.filter((line) => line !== '').join('  \n')]
    .filter((one) => one !== '')
    .join('\n\n');
}

/** What a site deep in a helper hangs on, in one line. */
function shortLines({ file, question }: SiteTextInput, { jump, alternative }: CSite): string[] {
  if (jump !== null) return ownerLines(jump);
  if (alternative === null) return [];
  const callback = alternative.callback === null ? [] : [`Written by \`${alternative.callback}\`.`];
  const summary = cpucapSummary(file, alternative.cpucap.text)?.split(' · ').slice(0, 2).join(' · ');
  const state =
    question.state.name === noCpucaps.name ? [] : [stateSentence(alternative, question.tree, question.state)];
  return [...callback, ...(summary === undefined ? [] : [summary]), ...state];
}

/** Who switches keys that are not written out anywhere. */
const switchedBy: Readonly<Record<KeyOwner, string>> = {
  key: '',
  tracepoint: 'On while something listens to the tracepoint (tracefs, perf, BPF).',
  'dynamic-debug': 'Switched in `/proc/dynamic_debug/control`, or with `dyndbg=` at boot.',
  'lsm-hook': 'On when a security module that is enabled at boot has this hook.',
};

function ownerLines({ owner }: JumpModel): string[] {
  return switchedBy[owner] === '' ? [] : [switchedBy[owner]];
}

function parts(input: SiteTextInput, site: CSite): { readonly table: string; readonly lines: readonly string[] } {
  if (site.removed !== null) return { table: '', lines: [removedText(input, site, site.removed)] };
  if (site.jump !== null) return { table: jumpTable(input, site, site.jump), lines: jumpLines(input, site, site.jump) };
  if (site.alternative !== null) {
    const { alternative } = site;
    const table = decides(alternative) ? answerTable(input, alternative) : streamTable(alternative);
    return { table, lines: alternativeLines(input, site, alternative) };
  }
  if (site.staticCall !== null) {
    const { call } = site.staticCall;
    return staticCallLines(site.staticCall, input.file.tree, input.keyLines(call, 'static-call'));
  }
  return { table: '', lines: [] };
}

function headText({ file }: SiteTextInput, site: CSite): string {
  const head = [`**${constructName(file, site)}**`];
  if (site.jump !== null) head.push(jumpHead(site.jump));
  if (site.alternative !== null) head.push(`\`${site.alternative.cpucap.text}\``);
  if (site.staticCall !== null) head.push(`\`${site.staticCall.call}\``);
  if (site.count > 1) head.push(`${site.count} sites in this line`);
  return head.join(' · ');
}

/** What an `asm` statement begins with, where that is a macro: `ALTERNATIVE`. */
function constructName(file: CFile, { construct, range }: CSite): string {
  if (construct !== 'asm') return construct;
  const written = file.text.slice(range.start, Math.min(range.end, range.start + 200));
  return /^[\w\s]*\(\s*([A-Z_]\w*)\s*\(/.exec(written)?.[1] ?? construct;
}

function jumpHead(jump: JumpModel): string {
  const name = jump.key === null ? 'a key that source does not tell' : `\`${jump.key}\``;
  const starts = jump.initial === null ? '' : ` · starts **${jump.initial}**`;
  return `${ownerText[jump.owner]} ${name}${starts}`;
}

/** One row for each value of the key: the instruction, and what runs then. */
function jumpTable({ ctx, file, question }: SiteTextInput, site: CSite, jump: JumpModel): string {
  const now = siteOutcome(site, question).value;
  const rows = [false, true].map((value) => {
    const insn = jump.initial === null ? null : value === jump.initial ? jump.unpatched : jump.patched;
    const label = stateLabel(`${value}`, value === jump.initial, value === now, question);
    if (insn === null) return `| ${label} | *not known* | |`;
    const branches = /^b\b/.test(insn.text);
    const arm = branches ? jump.outOfLine : jump.inLine;
    return `| ${label} | \`${branches ? 'b' : insn.text}\` | ${branches ? 'out of line' : 'in line'}${armText(ctx, file, site, arm)} |`;
  });
  return [`| key | here${pad} | runs |`, '|:--|:--|:--|', ...rows].join('\n');
}

/** One row for a machine without the cpucap, one for a machine with it: what stands here and what the test answers. */
function answerTable({ question }: SiteTextInput, alternative: AlternativeSite): string {
  const patched = streamWhenSet(alternative);
  const now = isApplied(alternative, questionFor(question.tree, question.state)).has;
  const row = (label: string, insns: readonly StreamInsn[], answer: boolean): string => {
    const shown = insns.map((insn) => (/^b\b/.test(insn.text) ? 'b' : insn.text)).join('; ');
    return `| ${stateLabel(label, !answer, now === answer, question)} | \`${shown}\` | ${answer} |`;
  };
  return [
    `| cpucap | here${pad} | the test is |`,
    '|:--|:--|:--|',
    row('absent', alternative.original, false),
    patched.known ? row('present', patched.insns, true) : `| present | *${patched.reason}* | |`,
  ].join('\n');
}

/** A row's state: bold for what is linked, with the machine that has it where one is chosen. */
function stateLabel(text: string, isLinked: boolean, isNow: boolean, { state }: StateQuestion): string {
  const model = (state.preempt ?? null) === null ? null : `preempt=${state.preempt}`;
  const switched = Object.keys(state.keys ?? {}).length > 0 ? 'keys switched' : null;
  const machine = state.name === noCpucaps.name ? (model ?? switched) : state.name;
  const marks = [...(isLinked ? ['as linked'] : []), ...(isNow && machine !== null ? [`now (${machine})`] : [])];
  return marks.length === 0 ? text : `**${text}** · ${marks.join(', ')}`;
}

/** Why a test leaves nothing behind, with the options that its cpucap needs and that are off. */
function removedText({ file }: SiteTextInput, site: CSite, reason: string): string {
  const name = site.alternative?.cpucap.name ?? null;
  const gates = name === null ? [] : (file.tree?.cpucapMeaning(name).meaning?.configGates ?? []);
  const off = gates.filter((gate) => file.tree?.config.value(gate.replace(/^CONFIG_/, '')) === null);
  const why = off.length === 0 ? reason : `${off.map((gate) => `\`${gate}\``).join(' and ')} is off`;
  const test = name === null ? 'the test' : `the test of \`${name}\``;
  return `**Removed**: ${test} is always false in this configuration, ${why}.`;
}

function armText(ctx: FeatureContext, file: CFile, site: CSite, arm: ArmPlace | null): string {
  // Both ways of a condition that fits on its line are seen there.
  if (arm === null || (arm.line === site.line && arm.endLine === site.endLine)) return '';
  if (arm.line === null) return ': what follows';
  const text =
    arm.endLine === null || arm.endLine === arm.line ? `line ${arm.line}` : `lines ${arm.line}–${arm.endLine}`;
  return `: ${linked(ctx, text, file.path, arm.line)}`;
}

function jumpLines(input: SiteTextInput, site: CSite, jump: JumpModel): string[] {
  const lines: string[] = [];
  if (jump.reason !== null) lines.push(`⚠ ${jump.reason}`);
  if (jump.object !== null && jump.owner === 'key') lines.push(...input.keyLines(jump.object, 'static-key'));
  lines.push(...ownerLines(jump), ...modelLines(input, jump));
  const each = site.count > 1 ? ' each' : '';
  lines.push(`4 bytes in line · metadata: ${jumpEntryBytes} bytes of \`__jump_table\`${each}`);
  return lines;
}

/** What stands here in each preemption model. */
function modelLines({ ctx, file }: SiteTextInput, jump: JumpModel): string[] {
  if (jump.key === null || jump.initial === null) return [];
  const models = (keyByModel(ctx, file.tree, jump.key)?.values ?? []).map(({ model, on }) => {
    const { text } = on === jump.initial ? jump.unpatched : jump.patched;
    return `**${model}** \`${/^b\b/.test(text) ? 'b' : text}\``;
  });
  return models.length === 0 ? [] : [`\`preempt=\` ${models.join(' · ')}`];
}

function alternativeLines(input: SiteTextInput, site: CSite, alternative: AlternativeSite): string[] {
  const { ctx, file, question } = input;
  const lines: string[] = [];
  if (alternative.callback !== null) {
    const writes = callbackKnowledge(alternative.callback)?.writes ?? 'what Patchpoint does not know';
    lines.push(`\`${alternative.callback}\` writes ${writes}.`);
  }
  const { written } = alternative;
  const config = configNamedAt(ctx.workspace, written.file, written.openLine, alternative.construct);
  if (config !== null) lines.push(`Only with \`${config}\`: without it not even the unpatched sequence is there.`);
  const patched = streamWhenSet(alternative);
  for (const note of [...alternative.issues, ...(patched.known ? patched.notes : [])]) lines.push(`⚠ ${note}`);
  const summary = cpucapSummary(file, alternative.cpucap.text);
  if (summary !== null) lines.push(summary);
  lines.push(byteCosts(alternative) + (site.count > 1 ? ', each' : ''));
  const isSaid =
    decides(alternative) && isApplied(alternative, questionFor(question.tree, question.state)).has !== null;
  if (!isSaid && question.state.name !== noCpucaps.name)
    lines.push(stateSentence(alternative, question.tree, question.state));
  return lines;
}

/** How the place comes to its instruction, where another file or another name writes it. */
function chainLines({ ctx, file }: SiteTextInput, site: CSite): string[] {
  const steps = site.chain.map((frame) => frame.name).filter((name) => name !== site.construct);
  const isHere = site.written.file === file.path && site.written.line >= site.line && site.written.line <= site.endLine;
  if (isHere) return [];
  const name = file.tree === null ? site.written.file : relativePath(file.tree.root, site.written.file);
  const place = linked(ctx, `\`${name}:${site.written.line}\``, site.written.file, site.written.line);
  const through = steps.length === 0 ? '' : ` through ${shortened(steps).join(' › ')}`;
  return [`Written in ${place}${through}`];
}

/** The first and the last steps of a long way. */
function shortened(steps: readonly string[]): readonly string[] {
  const names = steps.map((step) => `\`${step}\``);
  return names.length <= maxSteps ? names : [...names.slice(0, maxSteps - 2), '…', ...names.slice(-1)];
}

/** What both states cost, as much of it as the settings want. */
function costLines(ctx: FeatureContext, site: CSite): string[] {
  const wanted = ctx.costInHover ?? 'line';
  if (wanted === 'off') return [];
  const report = cSiteCost(ctx, site);
  if (report === null || report.rows.every((row) => row.failure !== null)) return [];
  return [wanted === 'line' ? costLine(report) : `\n${costMarkdown(report)}\n`];
}

/** Text that leads to a line where the editor can follow it. */
export function linked(ctx: FeatureContext, text: string, path: string, line: number): string {
  const target = ctx.link?.(path, line) ?? null;
  return target === null ? text : `[${text}](${target})`;
}
