import { readFileSync, writeFileSync } from 'node:fs';
import { UsageError } from './command.ts';
import type { LintRecord } from './reporters/lintRecord.ts';

/** Findings that are known: each is let through as often as it was there. */
export interface Baseline {
  /** Whether a finding is known; counts it. */
  readonly takes: (record: LintRecord) => boolean;
}

interface Entry {
  readonly file: string;
  readonly rule: string;
  readonly message: string;
  readonly count: number;
}

const title = 'Known findings of patchpoint lint: only new ones are reported';

/** What a finding is known by. Lines move and are no part of it, nor is how many functions reach a helper. */
export function identityOf({ file, rule, message }: Pick<LintRecord, 'file' | 'rule' | 'message'>): string {
  return `${file}\0${rule}\0${stable(message)}`;
}

function stable(message: string): string {
  return message.replace(/(\blines? |, |:)\d+/g, '$1N').replace(/\breached from \d+/, 'reached from N');
}

/** Throws `UsageError` when the file is no baseline. */
export function readBaseline(path: string): Baseline {
  let entries: readonly Entry[];
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    entries = isBaseline(parsed) ? parsed.findings : fail(path, 'is no baseline of patchpoint lint');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return fail(path, error instanceof Error ? error.message : String(error));
  }
  const left = new Map<string, number>();
  for (const entry of entries) left.set(identityOf(entry), (left.get(identityOf(entry)) ?? 0) + entry.count);
  return {
    takes: (record) => {
      const key = identityOf(record);
      const count = left.get(key) ?? 0;
      if (count > 0) left.set(key, count - 1);
      return count > 0;
    },
  };
}

function fail(path: string, reason: string): never {
  throw new UsageError(`--baseline ${path}: ${reason}`);
}

function isBaseline(value: unknown): value is { readonly findings: readonly Entry[] } {
  return typeof value === 'object' && value !== null && 'findings' in value && Array.isArray(value.findings);
}

/** One finding a line, sorted, so that a review sees what was accepted. */
export function writeBaseline(path: string, records: readonly LintRecord[]): void {
  const counts = new Map<string, Entry>();
  for (const { file, rule, message } of records) {
    const key = identityOf({ file, rule, message });
    const before = counts.get(key);
    counts.set(key, { file, rule, message: stable(message), count: (before?.count ?? 0) + 1 });
  }
  const lines = [...counts.values()].map((entry) => `    ${JSON.stringify(entry)}`).sort();
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  writeFileSync(path, `{\n  "schemaVersion": 1,\n  "title": ${JSON.stringify(title)},\n  "findings": ${list}\n}\n`);
}
