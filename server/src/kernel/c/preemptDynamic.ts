// What each model of `preempt=` does with the static keys in front of the preemption points, read from the switch of
// the tree's own scheduler (kernel/sched/core.c:sched_dynamic_update, v6.1; __sched_dynamic_update, v6.12).

/** A function by its name and the text of its body, macros expanded. */
export interface BodyText {
  readonly name: string;
  readonly text: string;
}

/** One model with the value that it leaves each key at. */
export interface PreemptionModel {
  /** As `preempt=` takes it. */
  readonly name: string;
  /** Enumerator of the switch. */
  readonly mode: string;
  readonly keys: ReadonlyMap<string, boolean>;
}

const caseLabel = /\bcase\s+(\w+)\s*:/g;
const keyCall = /\bstatic_key_(enable|disable)\s*\([\s(&]*(\w+)/g;
const namedMode = /\bstrcmp\s*\([^;{}]*?"(\w+)"\s*\)[^;{}]*?\breturn\s+(\w+)\s*;/g;

export interface PreemptionSwitch {
  /** In the order of the switch; empty where there is none. */
  readonly models: readonly PreemptionModel[];
  /** Function that holds the switch. */
  readonly functionName: string | null;
}

/**
 * The models of the one function whose `switch` enables and disables static keys. What stands in front of the switch holds for every case that does not say otherwise.
 */
export function preemptionModels(functions: readonly BodyText[]): PreemptionSwitch {
  const names = modeNames(functions);
  for (const { name: functionName, text } of functions) {
    const labels = [...text.matchAll(caseLabel)];
    const first = labels[0]?.index;
    if (first === undefined) continue;
    const before = keysIn(text.slice(0, first));
    const models = labels.map((label, index): PreemptionModel => {
      const mode = label[1] ?? '';
      const own = keysIn(text.slice(label.index, labels[index + 1]?.index));
      return { name: names.get(mode) ?? lastWord(mode), mode, keys: new Map([...before, ...own]) };
    });
    const switched = models.filter(({ keys }) => keys.size > 0);
    if (switched.length > 1 && switched.length === models.length) return { models, functionName };
  }
  return { models: [], functionName: null };
}

function keysIn(text: string): Map<string, boolean> {
  return new Map([...text.matchAll(keyCall)].map(([, does, key = '']) => [key, does === 'enable']));
}

/** Words of the command line by the enumerator that they stand for. */
function modeNames(functions: readonly BodyText[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { text } of functions) {
    if (!text.includes('strcmp')) continue;
    for (const [, name = '', mode = ''] of text.matchAll(namedMode)) names.set(mode, name);
  }
  return names;
}

function lastWord(mode: string): string {
  return (mode.split('_').at(-1) ?? mode).toLowerCase();
}
