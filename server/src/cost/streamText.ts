import { encodeInsn, type Resolved } from '../isa/encode.ts';
import { insnForm } from '../isa/formKey.ts';
import { parseInsn } from '../isa/operands.ts';
import type { BoundInsn } from './model.ts';
import type { StreamInsn } from './program.ts';

/** One line of a text of assembly that is an instruction. */
interface TextInsn {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/** A region of a text, or the whole of it. */
export interface TextBlock {
  /** Name behind the marker; '' for an unnamed region and for a text without markers. */
  readonly name: string;
  /** 1-based line where it begins. */
  readonly line: number;
  readonly insns: readonly TextInsn[];
  /** Labels of the block: name to index of the instruction behind it. */
  readonly labels: ReadonlyMap<string, number>;
  /** Instructions between site markers, as a half-open range of indices, or null without markers. */
  readonly site: { readonly start: number; readonly end: number } | null;
  /** Lines that are no instructions; a block with any has no meaningful cost. */
  readonly issues: readonly TextIssue[];
}

export interface TextIssue {
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

export interface TextBlocks {
  readonly value: readonly TextBlock[];
  /** Problems of the markers themselves. */
  readonly issues: readonly TextIssue[];
}

/** Says whether tables know an instruction's form; what they don't know must at least be a valid instruction. */
export type FormKnowledge = (text: string) => boolean;

const marker = /^\s*(?:#|\/\/|;|@)\s*(LLVM-MCA|PATCHPOINT-SITE)-(BEGIN|END)\b[ \t]*(.*?)\s*$/;
/** The word that a listing shows before the instruction. */
const listedWord = /^\s*[0-9a-f]{8}\s+(?=[a-z])/;
const label = /^\s*((?:[A-Za-z_.$][\w.$]*|\d+)):\s*/;

/**
 * Reads blocks of A64 assembly as objdump, GNU as or LLVM spells it. Between `# LLVM-MCA-BEGIN name` and
 * `# LLVM-MCA-END` lies a block; without markers the text is one. `# PATCHPOINT-SITE-BEGIN` and `-END` mark the
 * instructions whose added cycles are asked for. Labels, directives and comments are skipped. Never throws; a line
 * that is no instruction becomes an issue of its block.
 */
export function readTextBlocks(text: string, isKnown: FormKnowledge): TextBlocks {
  const lines = withoutBlockComments(text).split(/\r\n|\r|\n/);
  const issues: TextIssue[] = [];
  const all = new BlockBuilder('', 1);
  const open: BlockBuilder[] = [];
  const blocks: BlockBuilder[] = [];
  lines.forEach((content, index) => {
    const line = index + 1;
    const found = marker.exec(content);
    if (found === null) {
      const statements = readLine(content, line, isKnown);
      for (const block of open.length > 0 ? open : [all]) block.add(statements);
      return;
    }
    const [, kind, edge, name = ''] = found;
    if (kind === 'PATCHPOINT-SITE') {
      for (const block of open.length > 0 ? open : [all]) block.markSite(edge === 'BEGIN');
    } else if (edge === 'BEGIN' && open.length >= mostOpen) {
      issues.push({ line, message: `${mostOpen} regions are open already` });
    } else if (edge === 'BEGIN') {
      const block = new BlockBuilder(name, line);
      open.push(block);
      blocks.push(block);
    } else closeBlock(open, name, line, issues);
  });
  const value = (blocks.length > 0 ? blocks : [all]).map((block) => block.finish());
  return { value, issues };
}

/**
 * The stream of a block for a core's binder. Unconditional branches count as taken; a conditional one only when it is
 * the last instruction and closes a loop of the block.
 */
export function blockStream(block: TextBlock, bind: (text: string) => BoundInsn): readonly StreamInsn[] {
  return block.insns.map(({ text }, index): StreamInsn => {
    const insn = bind(text);
    if (insn.branch !== 'conditional') return { insn, taken: insn.branch !== null };
    const isLast = index === block.insns.length - 1;
    return { insn, taken: isLast && goesBack(block, insn.target) };
  });
}

function goesBack(block: TextBlock, target: string | null): boolean {
  if (target === null) return false;
  if (/^\d+b$/.test(target)) return block.labels.has(target.slice(0, -1));
  return block.labels.has(target);
}

function closeBlock(open: BlockBuilder[], name: string, line: number, issues: TextIssue[]): void {
  let at = open.length - 1;
  while (name !== '' && at >= 0 && open[at]?.name !== name) at--;
  if (at >= 0) open.splice(at, 1);
  else
    issues.push({ line, message: name === '' ? 'this region has no beginning' : `no region "${name}" is open here` });
}

interface Statements {
  readonly labels: readonly string[];
  readonly insns: readonly TextInsn[];
  readonly issues: readonly TextIssue[];
}

const nothing: Statements = { labels: [], insns: [], issues: [] };

/** Statements of one line, `;` between them. */
function readLine(content: string, line: number, isKnown: FormKnowledge): Statements {
  const comment = content.indexOf('//');
  const code = comment < 0 ? content : content.slice(0, comment);
  if (/^\s*(?:#|$)/.test(code)) return nothing;
  const labels: string[] = [];
  const insns: TextInsn[] = [];
  const issues: TextIssue[] = [];
  for (const part of code.split(';')) {
    let statement = part;
    for (let found = label.exec(statement); found !== null; found = label.exec(statement)) {
      labels.push(found[1] ?? '');
      statement = statement.slice(found[0].length);
    }
    const text = statement.replace(listedWord, '').trim();
    if (text === '' || (text.startsWith('.') && !/^\.inst(\.|\s|$)/.test(text))) continue;
    const message = whyNoInstruction(text, isKnown);
    if (message === null) insns.push({ text, line });
    else issues.push({ line, message });
  }
  return { labels, insns, issues };
}

const longestInsn = 200;
/** Regions that may be open at once: each line goes into all of them. */
const mostOpen = 16;

/** Why a text can't be an instruction, or null when it is one, modelled or not. */
function whyNoInstruction(text: string, isKnown: FormKnowledge): string | null {
  if (text.length > longestInsn) return 'this is too long for an instruction';
  if (isKnown(text)) return null;
  const { problem } = insnForm(text);
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  const encoding = encodeInsn(parseInsn(text), { resolve: () => anywhere });
  if (encoding.word !== null || /^\.inst\s+(0x)?[0-9a-f]+$/i.test(text)) return null;
  const reason = problem ?? encoding.reason;
  return `"${shown}" is not an A64 instruction: ${reason.length > 100 ? `${reason.slice(0, 100)}...` : reason}`;
}

/** Any symbol may be a target; where it lies does not matter here. */
const anywhere: Resolved = { kind: 'external', symbol: 'target', addend: 0n };

/** Block comments made blank, line breaks kept. */
function withoutBlockComments(text: string): string {
  if (!text.includes('/*')) return text;
  return text.replace(/\/\*[\s\S]*?(?:\*\/|$)/g, (comment) => comment.replace(/[^\r\n]/g, ' '));
}

class BlockBuilder {
  readonly name: string;
  readonly #line: number;
  readonly #insns: TextInsn[] = [];
  readonly #labels = new Map<string, number>();
  readonly #issues: TextIssue[] = [];
  #siteStart = -1;
  #siteEnd = -1;

  constructor(name: string, line: number) {
    this.name = name;
    this.#line = line;
  }

  add({ labels, insns, issues }: Statements): void {
    for (const name of labels) this.#labels.set(name, this.#insns.length);
    this.#insns.push(...insns);
    this.#issues.push(...issues);
  }

  markSite(begins: boolean): void {
    if (begins) this.#siteStart = this.#insns.length;
    else this.#siteEnd = this.#insns.length;
  }

  finish(): TextBlock {
    const end = this.#siteEnd < this.#siteStart ? this.#insns.length : this.#siteEnd;
    return {
      name: this.name,
      line: this.#line,
      insns: this.#insns,
      labels: this.#labels,
      site: this.#siteStart < 0 ? null : { start: this.#siteStart, end },
      issues: this.#issues,
    };
  }
}
