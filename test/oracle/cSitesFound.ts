import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import type { KernelImage } from './images.ts';

/** A site as it is compared: names and words only. */
export interface FoundSite {
  readonly kind: 'alternative' | 'callback-alternative' | 'jump' | 'static-call';
  readonly line: number;
  readonly endLine: number;
  readonly function: string;
  readonly construct: string;
  readonly count: number;
  readonly cpucap: string | null;
  readonly callback: string | null;
  /** Words; `? text` where source cannot tell. */
  readonly original: readonly string[] | null;
  readonly replacement: readonly string[] | null;
  readonly key: string | null;
  /** `symbol+0xOFFSET` of the key. */
  readonly symbol: string | null;
  readonly object: string | null;
  readonly owner: string | null;
  readonly branch: boolean | null;
  readonly initial: boolean | null;
  readonly unpatched: string | null;
  readonly reason: string | null;
  readonly call: string | null;
  readonly removed: string | null;
  readonly chain: readonly string[];
  readonly written: string;
}

export interface FoundFunction {
  readonly name: string;
  readonly nameLine: number;
  readonly line: number;
  readonly endLine: number;
  readonly isInline: boolean;
}

export interface CSitesOfFile {
  /** Relative to the tree. */
  readonly file: string;
  readonly sites: readonly FoundSite[];
  readonly functions: readonly FoundFunction[];
  readonly error: string | null;
  readonly ms: number;
}

/** Files that one process is given at once: neighbors share headers. */
const batch = 12;

/** Sites of C files of an image's tree under its configuration, with one process for each processor. */
export async function findCSites(image: KernelImage, files: readonly string[]): Promise<readonly CSitesOfFile[]> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const directory = mkdtempSync(join(tmpdir(), 'patchpoint-csites-'));
  const program = join(directory, 'cSitesRun.mjs');
  mkdirSync(directory, { recursive: true });
  try {
    await bundle({
      entryPoints: [fileURLToPath(new URL('cSitesRun.ts', import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      define: { PATCHPOINT_VERSION: '"test"', __dirname: '""' },
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    const sorted = [...files].sort();
    const batches = Array.from({ length: Math.ceil(sorted.length / batch) }, (_, index) =>
      sorted.slice(index * batch, (index + 1) * batch),
    );
    const processes = Array.from({ length: Math.min(availableParallelism(), batches.length) }, () =>
      work(program, [image.source, image.config, root], batches),
    );
    return (await Promise.all(processes)).flat();
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** One process that takes batches until there are no more. */
function work(program: string, args: readonly string[], batches: string[][]): Promise<CSitesOfFile[]> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const found: CSitesOfFile[] = [];
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as CSitesOfFile | { readonly ready: true };
    if (!('ready' in answer)) {
      found.push(answer);
      return;
    }
    const next = batches.shift();
    if (next === undefined) child.stdin.end();
    else child.stdin.write(`${JSON.stringify(next)}\n`);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(found);
      else reject(new Error(`cSitesRun ended with ${status}: ${errors.slice(-3000)}`));
    });
  });
}
