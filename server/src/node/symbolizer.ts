import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import type { SymbolizedFrames, SymbolizerResult } from '../image/siteLines.ts';
import type { ImageFrame } from '../image/siteRecords.ts';

/** Lines and inline chains of 40,000 addresses take 3 s; this is for a hung tool. */
const timeoutMs = 600_000;
const maxOutputBytes = 1_000_000_000;

/**
 * Asks the user's `llvm-symbolizer` or `addr2line` (told apart by the program's name) for lines and inline chains of
 * addresses (`0x…`) of a file. The program is started without a shell; it reads the addresses from standard input.
 */
export async function symbolize(
  program: string,
  image: string,
  addresses: readonly string[],
): Promise<SymbolizerResult> {
  const isAddr2line = /addr2line/.test(basename(program));
  const args = isAddr2line
    ? ['-e', image, '-a', '-f', '-i']
    : [`--obj=${image}`, '--output-style=GNU', '--functions=linkage', '--inlines', '--addresses'];
  const run = await runTool(program, args, `${addresses.join('\n')}\n`);
  if (typeof run !== 'string') return { kind: 'failed', reason: run.reason };
  const frames = parseFrames(run);
  if (frames.size === 0 && addresses.length > 0) {
    return { kind: 'failed', reason: `${program} gave no answer in the form of addr2line -a -f -i` };
  }
  return { kind: 'done', frames };
}

async function runTool(program: string, args: readonly string[], input: string): Promise<string | { reason: string }> {
  return await new Promise((resolve) => {
    const child = spawn(program, [...args], { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    const parts: Buffer[] = [];
    let length = 0;
    let complaint = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const fail = (reason: string): void => {
      clearTimeout(timer);
      resolve({ reason: `${program}: ${reason}` });
    };
    child.on('error', (error) => fail(error.message));
    child.stdout.on('data', (part: Buffer) => {
      length += part.length;
      if (length > maxOutputBytes) child.kill('SIGKILL');
      else parts.push(part);
    });
    child.stderr.on('data', (part: Buffer) => {
      if (complaint.length < 500) complaint += part.toString('latin1');
    });
    // A program that ends early closes the pipe; its exit status tells the rest.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('close', (code, signal) => {
      if (code !== 0) {
        fail(signal === null ? `exit status ${code}: ${complaint.trim().slice(0, 200)}` : `ended by ${signal}`);
        return;
      }
      clearTimeout(timer);
      resolve(Buffer.concat(parts).toString('utf8'));
    });
  });
}

/** `0xaddress`, then pairs of a function's line and a `file:line` line, innermost first (GNU binutils, addr2line -a -f -i). */
export function parseFrames(output: string): ReadonlyMap<string, SymbolizedFrames> {
  const all = new Map<string, SymbolizedFrames>();
  let address: string | null = null;
  let frames: ImageFrame[] = [];
  let name: string | null = null;
  const flush = (): void => {
    if (address !== null) all.set(address, frames.reverse());
    frames = [];
    name = null;
  };
  for (const line of output.split('\n')) {
    if (/^0x[0-9a-f]+$/.test(line)) {
      flush();
      address = `0x${BigInt(line).toString(16)}`;
    } else if (line === '' || address === null) continue;
    else if (name === null) name = line;
    else {
      const frame = frameOf(name, line);
      if (frame !== null) frames.push(frame);
      name = null;
    }
  }
  flush();
  return all;
}

function frameOf(name: string, place: string): ImageFrame | null {
  const [, file = '', line = '0'] = /^(.*):(\d+|\?)(?: \(discriminator \d+\))?$/.exec(place) ?? [];
  const known = file !== '' && file !== '??';
  if (!known && name === '??') return null;
  const number = Number.parseInt(line, 10);
  return { name, file: known ? file : null, line: Number.isNaN(number) || number === 0 ? null : number };
}
