// Lists the patch sites of C files, as `sites` and the editor see them. A process of its own, so that both processors
// have work. Arguments: the kernel tree, the configuration, the root of the repository. Reads file names (JSON arrays,
// one a line) and writes one `CSitesOfFile` a line for each.

import { readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openSession } from '../../server/src/cli/session.ts';
import { cSitesOf } from '../../server/src/features/c/cSites.ts';
import type { CSite } from '../../server/src/kernel/c/cSite.ts';
import type { StreamInsn } from '../../server/src/kernel/patchSite.ts';
import { loadCParser } from '../../server/src/syntax/c/cParser.ts';
import type { CSitesOfFile, FoundSite } from './cSitesFound.ts';

const [, , source = '', config = '', root = ''] = process.argv;
const ignored = (text: string): void => void text;
const io = { out: ignored, err: ignored, cwd: source, color: false, errIsTerminal: false, nowMs: () => 0 };
const session = openSession({ kernel: source, config }, [source], io);
const wasm = (name: string): Uint8Array => readFileSync(`${root}/node_modules/${name}`);
session.ctx.workspace.setCParser(
  await loadCParser({
    core: wasm('web-tree-sitter/web-tree-sitter.wasm'),
    grammar: wasm('tree-sitter-c/tree-sitter-c.wasm'),
  }),
);
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  for (const file of JSON.parse(line) as readonly string[]) say(sitesOf(file));
  say({ ready: true });
}

function say(value: unknown): void {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
  // A pipe takes what it has room for.
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

function sitesOf(file: string): CSitesOfFile {
  const startedMs = performance.now();
  const path = `${source}/${file}`;
  try {
    const sites = cSitesOf(session.ctx, path).map(found);
    const unit = session.ctx.workspace.cUnit(path);
    const functions = (unit?.functions ?? []).map(({ name, nameRange, line, endLine, inline }) => ({
      name,
      nameLine: unit?.lines.positionAt(nameRange.start).line ?? line,
      line,
      endLine,
      isInline: inline === 'inline' || inline === 'always',
    }));
    return { file, sites, functions, error: unit === null ? 'not read' : null, ms: performance.now() - startedMs };
  } catch (error) {
    const text = String(error instanceof Error ? error.stack : error);
    return { file, sites: [], functions: [], error: text, ms: performance.now() - startedMs };
  }
}

function found(site: CSite): FoundSite {
  const { alternative, jump, staticCall } = site;
  return {
    kind: site.kind,
    line: site.line,
    endLine: site.endLine,
    function: site.functionName,
    construct: site.construct,
    count: site.count,
    cpucap: alternative?.cpucap.name ?? null,
    callback: alternative?.callback ?? null,
    original: alternative?.original.map(wordOf) ?? null,
    replacement: alternative?.replacement.map(wordOf) ?? null,
    key: jump?.key ?? null,
    symbol: jump?.symbol ?? null,
    object: jump?.object ?? null,
    owner: jump?.owner ?? null,
    branch: jump?.branch ?? null,
    initial: jump?.initial ?? null,
    unpatched: jump?.unpatched.text ?? null,
    reason: jump?.reason ?? null,
    call: staticCall?.call ?? null,
    removed: site.removed,
    chain: site.chain.map(({ name }) => name),
    written: `${site.written.file.replace(`${source}/`, '')}:${site.written.line}`,
  };
}

function wordOf({ word, text }: StreamInsn): string {
  return word === null ? `? ${text}` : (word >>> 0).toString(16).padStart(8, '0');
}
