// Patch sites that an `asm` statement makes, read from the records that its text emits: no macro's name is looked at.

import type { CppLine } from '../../syntax/cpp/model.ts';
import { assemble } from '../../syntax/gas/assembler.ts';
import { dataElementBytes } from '../../syntax/gas/directives.ts';
import { resolveLabel } from '../../syntax/gas/labels.ts';
import type { GasResult, GasStatement } from '../../syntax/gas/model.ts';
import { type StatementCache, splitOperands } from '../../syntax/gas/statement.ts';
import { readAlternatives } from '../alternatives.ts';
import type { CpucapTable } from '../cpucaps.ts';
import { insnText } from '../insnText.ts';
import type { AlternativeSite, StreamInsn } from '../patchSite.ts';
import { siteEncoder } from '../streamWords.ts';
import { type AsmText, asmText, readableAsm } from './asmText.ts';
import type { AddressValue } from './values.ts';
import type { SiteEvent } from './walkModel.ts';

/** One entry that an `asm` statement adds to `__jump_table`. */
export interface JumpEntryModel {
  /** Key's address with the branch bit in its lowest bit; `null` when the operand is not constant here. */
  readonly key: AddressValue | null;
  /** As the template names it, where the address is not known. */
  readonly keyText: string;
  readonly label: string | null;
  readonly insn: StreamInsn;
  /** The instruction is a branch. */
  readonly isBranch: boolean;
}

export interface AsmSites {
  readonly alternatives: readonly AlternativeSite[];
  readonly jumps: readonly JumpEntryModel[];
}

/** Statements that make sites are the same few thousand again and again: one for each use of an inline function. */
export class AsmSiteReader {
  readonly #cpucaps: CpucapTable;
  readonly #statements: StatementCache;
  readonly #known = new Map<string, AsmSites>();

  constructor(cpucaps: CpucapTable, statements: StatementCache) {
    this.#cpucaps = cpucaps;
    this.#statements = statements;
  }

  /** Sites of a statement in `section`, whose text is written at a place. Never throws but for cancellation. */
  read(event: SiteEvent, section: string, place: { readonly file: string; readonly line: number }): AsmSites {
    if (event.asm === null) return noSites;
    const text = asmText(event.asm, event.operands);
    const addresses = [...text.addresses.values()].map((one) => `${one.object}${one.path}+${one.addBytes}`);
    const key = [section, place.file, place.line, text.text, ...addresses].join('\0');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= maxKnown) this.#known.clear();
    const sites = this.#read(text, section, place);
    this.#known.set(key, sites);
    return sites;
  }

  #read(text: AsmText, section: string, place: { readonly file: string; readonly line: number }): AsmSites {
    const line = (one: string): CppLine => ({ text: one, ...place, tokens: [], columns: [] });
    const lines = [`.section ${section},"ax"`, ...text.text.split('\n')].map(line);
    const gas = assemble(lines, { cache: this.#statements, limits, open: true });
    const encoder = siteEncoder(gas, () => undefined);
    const insn = (one: StreamInsn): StreamInsn => plainInsn(one, text);
    const alternatives = readAlternatives(gas, this.#cpucaps, encoder).map((site) => ({
      ...site,
      callback: site.callback === null ? null : readableAsm(site.callback, text),
      cpucap: { ...site.cpucap, text: readableAsm(site.cpucap.text, text) },
      original: site.original.map(insn),
      replacement: site.replacement.map(insn),
    }));
    return { alternatives, jumps: readJumpEntries(gas, text, (one) => encoder.wordOf(one)) };
  }
}

const maxKnown = 20_000;
const limits = { maxDepth: 20, maxStatements: 5000, maxExpansions: 500, maxRepeat: 256, maxCharacters: 200_000 };
const noSites: AsmSites = { alternatives: [], jumps: [] };

/** An instruction of a template: operands are the compiler's choice, and labels of the C code have no place. */
function plainInsn(insn: StreamInsn, text: AsmText): StreamInsn {
  const shown = readableAsm(insn.text, text);
  const branches = text.labels.size > 0 && /PP_LABEL_/.test(`${insn.text} ${insn.relocation ?? ''}`);
  if (branches) {
    const wordReason = 'the distance to the label is the compiler’s choice';
    return { ...insn, text: shown, word: null, wordReason, relocation: null };
  }
  if (insn.word === null && /%[a-zA-Z]?(\[|\d)/.test(shown)) {
    return { ...insn, text: shown, wordReason: 'its operands are the compiler’s choice' };
  }
  return { ...insn, text: shown };
}

interface Field {
  readonly text: string;
  readonly sizeBytes: number;
  readonly statement: GasStatement;
}

/**
 * Entries of `__jump_table`: `.long code - .`, `.long target - .`, `.quad key - .`
 * (arch/arm64/include/asm/jump_label.h, v6.12; the same bytes in v6.1).
 */
function readJumpEntries(
  gas: GasResult,
  text: AsmText,
  wordOf: (statement: GasStatement) => { readonly word: number | null; readonly reason: string | null },
): JumpEntryModel[] {
  const entries: JumpEntryModel[] = [];
  for (const bucket of gas.buckets) {
    if (bucket.section !== '__jump_table') continue;
    const fields: Field[] = [];
    for (const statement of bucket.statements) {
      const size = statement.kind === 'data' ? dataElementBytes[statement.op] : undefined;
      if (size === undefined) continue;
      for (const one of splitOperands(statement.operands)) fields.push({ text: one, sizeBytes: size, statement });
    }
    for (let at = 0; at + 3 <= fields.length; ) {
      const [code, target, key] = fields.slice(at, at + 3);
      if (!code || !target || !key || code.sizeBytes !== 4 || target.sizeBytes !== 4 || key.sizeBytes !== 8) {
        at++;
        continue;
      }
      at += 3;
      const entry = readEntry(gas, text, code, target, key, wordOf);
      if (entry !== null) entries.push(entry);
    }
  }
  return entries;
}

function readEntry(
  gas: GasResult,
  text: AsmText,
  code: Field,
  target: Field,
  key: Field,
  wordOf: (statement: GasStatement) => { readonly word: number | null; readonly reason: string | null },
): JumpEntryModel | null {
  const label = resolveLabel(gas, beforeHere(code.text), code.statement.seq);
  const statement = label?.bucket.statements.slice(label.index).find((one) => one.kind === 'insn');
  if (statement === undefined) return null;
  const { word, reason } = wordOf(statement);
  const insn = plainInsn(
    {
      text: insnText(gas, statement),
      written: null,
      word,
      wordReason: reason,
      relocation: null,
      blockLine: statement.source.line,
      file: statement.source.file,
      line: statement.source.line,
      chain: [],
    },
    text,
  );
  const symbol = beforeHere(key.text);
  const added = /^(PP_ADDRESS_\d+)\s*\+\s*(\d+)$/.exec(symbol);
  const known = text.addresses.get(added?.[1] ?? symbol);
  const address =
    known === undefined || added === null ? known : { ...known, addBytes: known.addBytes + BigInt(added[2] ?? 0) };
  return {
    key: address ?? null,
    keyText: readableAsm(symbol, text),
    label: text.labels.get(beforeHere(target.text)) ?? null,
    insn,
    isBranch: statement.op === 'b',
  };
}

/** Left side of `symbol - .` */
function beforeHere(text: string): string {
  return text
    .replace(/\s*-\s*\.\s*$/, '')
    .replace(/^\((.*)\)$/, '$1')
    .trim();
}
