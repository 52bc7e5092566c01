import type { FunctionFacts, Unit, VariableFacts } from '../unit.ts';
import { closing, type Expr, readExpr, split, storesIn, type WrittenStore } from './expression.ts';
import { reads, type Word, wordsOf, writes } from './words.ts';

/** A store in a function of the file itself. */
export interface OwnStore extends WrittenStore {
  readonly fn: FunctionFacts;
}

/** What the code of the file itself writes, and into what. */
export interface OwnCode {
  readonly functions: readonly FunctionFacts[];
  readonly variables: readonly string[];
  readonly stores: readonly OwnStore[];
  bodyOf(fn: FunctionFacts): readonly Word[];
  storesOf(fn: FunctionFacts): readonly OwnStore[];
  initializerOf(variable: VariableFacts): readonly Word[];
  /** Whether somebody else can be given the object's address. */
  isEscaped(name: string): boolean;
  /** Arguments of the calls of a function in this file, with the caller. */
  callsOf(name: string): readonly { readonly args: readonly (readonly Word[])[]; readonly fn: FunctionFacts }[];
}

const known = new WeakMap<Unit, OwnCode>();

/** Read once for a unit, at the first question. */
export function ownCodeOf(unit: Unit, textOf: (file: string) => string | undefined): OwnCode {
  let code = known.get(unit);
  if (code === undefined) {
    code = readOwnCode(unit, textOf);
    known.set(unit, code);
  }
  return code;
}

function readOwnCode(unit: Unit, textOf: (file: string) => string | undefined): OwnCode {
  const bodies = new Map<FunctionFacts, readonly Word[]>();
  const bodyOf = (fn: FunctionFacts): readonly Word[] => {
    let words = bodies.get(fn);
    if (words === undefined) {
      words = wordsOf(fn.bodyTokens, textOf);
      bodies.set(fn, words);
    }
    return words;
  };
  const written = new Map<FunctionFacts, readonly OwnStore[]>();
  const storesOf = (fn: FunctionFacts): readonly OwnStore[] => {
    let stores = written.get(fn);
    if (stores === undefined) {
      stores = storesIn(bodyOf(fn)).map((store) => ({ ...store, fn }));
      written.set(fn, stores);
    }
    return stores;
  };
  const functions = unit.ownFunctionNames
    .map((name) => unit.functionOf(name))
    .filter((fn): fn is FunctionFacts => fn !== null);
  const variables = unit.ownVariableNames;
  const initializerOf = (variable: VariableFacts): readonly Word[] => wordsOf(variable.initializer, textOf);
  const escaped = new Map<string, boolean>();
  return {
    functions,
    variables,
    stores: functions.flatMap(storesOf),
    bodyOf,
    storesOf,
    initializerOf,
    isEscaped: (name) => {
      let answer = escaped.get(name);
      if (answer === undefined) {
        answer =
          functions.some((fn) => isGivenAway(bodyOf(fn), name)) ||
          variables.some((other) => {
            const facts = other === name ? null : unit.variableOf(other);
            return facts !== null && isGivenAway(initializerOf(facts), name);
          });
        escaped.set(name, answer);
      }
      return answer;
    },
    callsOf: (name) =>
      functions.flatMap((fn) => {
        const words = bodyOf(fn);
        return words.flatMap((word, at) => {
          if (word.text !== name || words[at + 1]?.text !== '(') return [];
          return [{ fn, args: split(words.slice(at + 2, closing(words, at + 1)), ',') }];
        });
      }),
  };
}

/** `&name` outside of the macros that only read or write it. */
function isGivenAway(words: readonly Word[], name: string): boolean {
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) break;
    if ((reads.has(word.text) || writes.has(word.text)) && words[at + 1]?.text === '(') {
      at = closing(words, at + 1);
      continue;
    }
    if (word.text !== name || words[at - 1]?.text !== '&') continue;
    const next = words[at + 1]?.text ?? '';
    const closed = next === ')' ? (words[at + 2]?.text ?? '') : next;
    if (closed !== '->' && closed !== '.') return true;
  }
  return false;
}

/** Values that an initializer gives to a member, at any depth of braces; `order` are the members of its struct. */
export function memberValues(initializer: readonly Word[], member: string, order: readonly string[]): Expr[] {
  const values: Expr[] = [];
  for (let at = 0; at < initializer.length; at++) {
    if (initializer[at]?.text !== '.' || initializer[at + 1]?.text !== member) continue;
    const before = initializer[at - 1]?.text ?? '{';
    if (before !== '{' && before !== ',') continue;
    const equals = initializer.findIndex((word, index) => index > at && word.text === '=');
    if (equals < 0 || equals > at + 6) continue;
    values.push(readExpr(valueAt(initializer, equals + 1)));
  }
  const position = order.indexOf(member);
  if (values.length > 0 || position < 0 || initializer.some((word) => word.text === '.')) return values;
  const fields = split(initializer, ',');
  const records = fields.some((field) => field[0]?.text === '{') ? fields : [[...initializer]];
  for (const record of records) {
    const inner = record[0]?.text === '{' ? record.slice(1, -1) : record;
    const value = split(inner, ',')[position];
    if (value !== undefined && value.length > 0) values.push(readExpr(value));
  }
  return values;
}

function valueAt(words: readonly Word[], from: number): readonly Word[] {
  let end = from;
  while (end < words.length && words[end]?.text !== ',' && words[end]?.text !== '}') {
    const opens = /^[([{]$/.test(words[end]?.text ?? '');
    end = (opens ? closing(words, end) : end) + 1;
  }
  return words.slice(from, end);
}
