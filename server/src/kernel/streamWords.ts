// Words of instructions in a `.S` file: GNU as's own answer for each statement, or a reason why source alone
// cannot give it. Labels of the same section are resolved; global and foreign symbols become relocations.

import { firstNotBefore } from '../base/search.ts';
import { type Encoding, encodeInsn, type Relocation, type Resolved } from '../isa/encode.ts';
import { parseInsn } from '../isa/operands.ts';
import { systemInsnText } from '../isa/systemText.ts';
import { evaluateExpression } from '../syntax/gas/expression.ts';
import { aliasAt, scopeAt } from '../syntax/gas/labels.ts';
import { SectionLayout } from '../syntax/gas/layout.ts';
import { withArguments } from '../syntax/gas/macroText.ts';
import type { GasResult, GasStatement, Position } from '../syntax/gas/model.ts';
import { placeholderMark } from '../syntax/gas/scrub.ts';
import type { SiteEncoder, WordOf } from './alternatives.ts';
import { displayText, foldSymbols } from './insnText.ts';

/** Text of a source line as it is written, or `undefined`. */
export type ReadLine = (file: string, line: number) => string | undefined;

/** Words, offsets and written forms of one file's statements. */
export function siteEncoder(result: GasResult, readLine: ReadLine): SiteEncoder {
  const layout = new SectionLayout(result);
  return {
    wordOf: wordEncoder(result, layout),
    offsetOf: (statement) => layout.offsetOf(statement),
    writtenFormOf: (statement) => writtenForm(statement, readLine),
  };
}

/**
 * What a person wrote for a data word: the innermost line on the way to it that names the instruction instead of
 * spelling the word out (`msr_s SYS_FOO, x0`, `SET_PSTATE_DIT(1)`), with the arguments of the macro it stands in.
 */
function writtenForm(statement: GasStatement, readLine: ReadLine): string | null {
  let source = statement.source;
  for (let frame = statement.frame; ; frame = frame.parent) {
    const line = (readLine(source.file, source.line) ?? '').replace(/\/\/.*$|\/\*.*?\*\//g, '').trim();
    const call = /\b[A-Z_][A-Z0-9_]*\([^()]*\)/.exec(line)?.[0];
    const spelled = /\.(inst|long|word)\b|emit_inst|^(\w+:)?\s*\\/.test(line);
    if (line !== '' && !spelled) {
      const text = call ?? line.replace(/^[\w$.\\@]+:\s*/, '').replace(/\s+/g, ' ');
      return text.length <= 60 ? withArguments(text, frame) : null;
    }
    if (frame === null) return null;
    source = frame.callSource;
  }
}

function wordEncoder(result: GasResult, layout: SectionLayout): WordOf {
  return (statement) => {
    const text = resolveAliases(result, statement);
    const fixed = fixedWords.get(text);
    if (fixed !== undefined) return fixed;
    if (text.includes(placeholderMark)) return unknown('its operands are arguments of the macro');
    let asked = false;
    const encoding = encodeInsn(parseInsn(text), {
      resolve: (expression) => {
        asked = true;
        return resolve(result, layout, statement, expression);
      },
    });
    const word = wordFrom(encoding);
    if (!asked) {
      if (fixedWords.size >= maxFixedWords) fixedWords.clear();
      fixedWords.set(text, word);
    }
    return word;
  };
}

/** Words of texts that name nothing: they are the same in every file. */
const fixedWords = new Map<string, ReturnType<WordOf>>();
const maxFixedWords = 50_000;

function wordFrom(encoding: Encoding): ReturnType<WordOf> {
  if (encoding.word === null) return unknown(encoding.reason);
  const { relocation } = encoding;
  return { word: encoding.word, reason: null, relocation: relocation === null ? null : describe(relocation) };
}

function describe(relocation: Relocation): string {
  return `${relocation.type} ${relocation.symbol ?? relocation.expr}${relocation.symbol === null ? '' : signed(relocation.addend)}`;
}

const unknown = (reason: string): ReturnType<WordOf> => ({ word: null, reason, relocation: null });

function signed(addend: bigint): string {
  return addend < 0n ? `-0x${(-addend).toString(16)}` : `+0x${addend.toString(16)}`;
}

/**
 * One instruction's text with nothing left that only this file knows: registers for `.req` names, numbers for
 * constants, the instruction itself for a system instruction that is spelled as `.inst`.
 */
export function plainInsnText(result: GasResult, statement: GasStatement): string {
  if (statement.op === '.inst') {
    const { value } = evaluateExpression(statement.operands, scopeAt(result, statement));
    const word = value.kind === 'absolute' ? Number(BigInt.asUintN(32, value.value)) : null;
    return (word === null ? null : systemInsnText(word)) ?? displayText(statement.text);
  }
  return foldSymbols(result, statement, displayText(resolveAliases(result, statement)), /./);
}

/** Text with `.req` names replaced by the registers they stand for. */
function resolveAliases(result: GasResult, statement: GasStatement): string {
  if (result.aliases.size === 0) return statement.text;
  let text = statement.operands;
  let changed = false;
  // An alias may stand for another one; a cycle must not hold us.
  for (let round = 0; round < 8; round++) {
    const next = text.replace(/(?<![\w.$])[A-Za-z_][\w.$]*/g, (name) => {
      const dot = name.indexOf('.');
      const stem = dot > 0 ? name.slice(0, dot) : name;
      const register = aliasAt(result, stem, statement.seq);
      return register === null ? name : register + name.slice(stem.length);
    });
    if (next === text) break;
    text = next;
    changed = true;
  }
  return changed ? `${statement.op} ${text}` : statement.text;
}

function resolve(result: GasResult, layout: SectionLayout, statement: GasStatement, expression: string): Resolved {
  const { value, end } = evaluateExpression(expression, scopeAt(result, statement));
  if (end < expression.length) return { kind: 'unknown', reason: `\`${expression.slice(end)}' after the expression` };
  switch (value.kind) {
    case 'absolute':
      return { kind: 'absolute', value: value.value };
    case 'symbol':
      return { kind: 'external', symbol: value.name, addend: value.addend };
    case 'open':
      return { kind: 'unknown', reason: 'it depends on an argument of the macro' };
    case 'unknown':
      return { kind: 'unknown', reason: value.reason };
    case 'position': {
      const name = /^[A-Za-z_.$][\w.$]*/.exec(expression.trim())?.[0];
      if (name !== undefined && name !== '.' && result.globals.has(name)) {
        return { kind: 'external', symbol: name, addend: value.addend };
      }
      if (value.position.bucket.section !== statement.bucket.section) {
        return { kind: 'external', symbol: name ?? value.position.bucket.section, addend: value.addend };
      }
      const from = offsetOf(layout, {
        bucket: statement.bucket,
        part: statement.part,
        offsetBytes: statement.offsetBytes,
      });
      const to = offsetOf(layout, value.position);
      if (from === null || to === null) {
        return { kind: 'unknown', reason: 'something of unknown size lies between it and its target' };
      }
      return { kind: 'pc-relative', delta: BigInt(to - from) + value.addend };
    }
  }
}

/** Section offset of a position, through the statement that stands there. */
function offsetOf(layout: SectionLayout, position: Position): number | null {
  const { statements } = position.bucket;
  const first = firstNotBefore(
    statements,
    ({ part, offsetBytes }) => part < position.part || (part === position.part && offsetBytes < position.offsetBytes),
  );
  const at = statements[first];
  if (at !== undefined && at.part === position.part && at.offsetBytes === position.offsetBytes)
    return layout.offsetOf(at);
  // The position is the end of the bucket: after its last statement.
  const last = statements[statements.length - 1];
  const offset = last === undefined ? null : layout.offsetOf(last);
  return last === undefined || offset === null || last.sizeBytes === null ? null : offset + last.sizeBytes;
}
