// The index of names against functions and keys that the debug information of a distribution's kernel names: the
// records of imagePlaces.oracle.test.ts, so only the kernel's source is needed.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { defaultScope, IndexBuild } from '../../server/src/project/nameIndex/indexBuild.ts';
import { NameIndex } from '../../server/src/project/nameIndex.ts';
import { mustSkip } from '../support/optional.ts';
import { kernelBuilds } from './kernelBuilds.ts';

const { builds, missing } = kernelBuilds();
const records = new URL('records/', import.meta.url);
const trees = readdirSync(records).flatMap((record) => {
  const version = /^places-(\d+\.\d+)\./.exec(record)?.[1];
  const build = builds.find((one) => version !== undefined && one.version.startsWith(`${version}.`));
  return version === undefined || build === undefined ? [] : [{ version, record, source: build.source }];
});

describe.skipIf(mustSkip('the index of a kernel', missing))('the index of a kernel', () => {
  it.each(trees)('of Linux $version defines the functions and keys of its image', ({ record, source }) => {
    const files = createNodeFileSource();
    const index = new NameIndex(source, (path) => files.readText(path));
    const build = new IndexBuild(index, { files, scope: defaultScope, isOpen: () => false });
    while (build.step());
    build.finish();
    const places = readPlaces(readFileSync(new URL(record, records), 'utf8'));
    const isFunction = (name: string): boolean =>
      index.definitionsOf(name).some(({ kind, isDeclaration }) => !isDeclaration && /function|asm/.test(kind));
    const isKey = (name: string): boolean =>
      index.definitionsOf(name).some(({ kind }) => kind === 'static-key' || kind === 'tracepoint');

    const functions = unique(places.map((place) => place.function));
    const keys = unique(places.flatMap(({ key }) => (key === null ? [] : [key])));
    const unknown = {
      functions: functions.filter((name) => !isFunction(name)),
      keys: keys.filter((name) => !isKey(name)),
    };
    expect(functions.length).toBeGreaterThan(500);
    expect(keys.length).toBeGreaterThan(50);
    // Macros whose arguments are numbers, and entries that macros of the assembler make.
    expect(unknown.functions.length / functions.length, unknown.functions.join(' ')).toBeLessThan(0.03);
    // Keys inside of structures and functions are not named as such.
    expect(unknown.keys.length / keys.length, unknown.keys.join(' ')).toBeLessThan(0.06);
  });
});

interface Place {
  readonly file: string;
  readonly function: string;
  /** Key of a jump, but for those that all tracepoints, messages and hooks have of their own. */
  readonly key: string | null;
}

/** Places in folders of the index, by the names that the source has for them. */
function readPlaces(record: string): readonly Place[] {
  const places: Place[] = [];
  let file = '';
  for (const line of record.split('\n')) {
    const match = /^ {2}\d+ (\S+) (\S+)( (?:nop|b) )?/.exec(line);
    if (match === null) {
      if (!line.startsWith('#')) file = line;
      continue;
    }
    if (!defaultScope.folders.some((folder) => file.startsWith(`${folder}/`))) continue;
    const name = (match[1] ?? '').replace(/^__kvm_nvhe_/, '');
    const trigger = match[2] ?? '';
    const isNamed =
      match[3] !== undefined && !/^(?:__tracepoint_|descriptor|__UNIQUE_ID|security_hook_active_)/.test(trigger);
    places.push({ file, function: name, key: isNamed ? trigger.replace(/[.+[].*$/, '') : null });
  }
  return places;
}

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];
