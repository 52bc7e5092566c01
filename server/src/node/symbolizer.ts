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
  const parser = createFrameParser();
  const problem = await runTool(program, args, `${addresses.join('\n')}\n`, parser.push);
  if (problem !== null) return { kind: 'failed', reason: problem };
  const frames = parser.finish();
  if (frames.size === 0 && addresses.length > 0) {
    return { kind: 'failed', reason: `${program} gave no answer in the form of addr2line -a -f -i` };
  }
  return { kind: 'done', frames };
}

/** Runs the tool to its end; null, or why it failed. */
async function runTool(
  program: string,
  args: readonly string[],
  input: string,
  push: (text: string) => void,
): Promise<string | null> {
  return await new Promise((resolve) => {
    const child = spawn(program, [...args], { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    let length = 0;
    child.stdout.setEncoding('utf8');
    let complaint = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const fail = (reason: string): void => {
      clearTimeout(timer);
      resolve(`${program}: ${reason}`);
    };
    child.on('error', (error) => fail(error.message));
    child.stdout.on('data', (part: string) => {
      length += part.length;
      if (length > maxOutputBytes) child.kill('SIGKILL');
      else push(part);
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
      resolve(null);
    });
  });
}

/** Reads answers piece by piece, so that no piece keeps anybody waiting. */
interface FrameParser {
  push(text: string): void;
  finish(): ReadonlyMap<string, SymbolizedFrames>;
}

/** `0xaddress`, then pairs of a function's line and a `file:line` line, innermost first (GNU binutils, addr2line -a -f -i). */
export function parseFrames(output: string): ReadonlyMap<string, SymbolizedFrames> {
  const parser = createFrameParser();
  parser.push(output);
  return parser.finish();
}

function createFrameParser(): FrameParser {
  const all = new Map<string, SymbolizedFrames>();
  const kept = new Map<string, string>();
  let rest = '';
  let address: string | null = null;
  let frames: ImageFrame[] = [];
  let name: string | null = null;
  const flush = (): void => {
    if (address !== null) all.set(address, frames.reverse());
    frames = [];
    name = null;
  };
  /** One copy of each text: a part of the output would keep all of it in memory. */
  const own = (text: string): string => {
    const before = kept.get(text);
    if (before !== undefined) return before;
    const copy = Buffer.from(text, 'utf8').toString('utf8');
    kept.set(copy, copy);
    return copy;
  };
  const line = (text: string): void => {
    if (/^0x[0-9a-f]+$/.test(text)) {
      flush();
      address = `0x${BigInt(text).toString(16)}`;
    } else if (text === '' || address === null) return;
    else if (name === null) name = text;
    else {
      const frame = frameOf(own(name), text, own);
      if (frame !== null) frames.push(frame);
      name = null;
    }
  };
  return {
    push: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const one of lines) line(one);
    },
    finish: () => {
      line(rest);
      rest = '';
      flush();
      address = null;
      return all;
    },
  };
}

function frameOf(name: string, place: string, own: (text: string) => string): ImageFrame | null {
  const [, file = '', line = '0'] = /^(.*):(\d+|\?)(?: \(discriminator \d+\))?$/.exec(place) ?? [];
  const known = file !== '' && file !== '??';
  if (!known && name === '??') return null;
  const number = Number.parseInt(line, 10);
  return { name, file: known ? own(file) : null, line: Number.isNaN(number) || number === 0 ? null : number };
}
