import { describe, expect, it } from 'vitest';
import {
  allPaths,
  type CodeInsn,
  type CodeRegion,
  type Path,
  pathLimits,
  straightWindow,
} from '../../server/src/cost/paths.ts';
import { makeBinder } from '../../server/src/cost/records.ts';
import { coreTables, someFeatures } from '../support/costStreams.ts';

/** A function from lines of `[label:] [*]instruction`; `*` marks the site. Unknown targets lie outside. */
async function region(text: string, unclearEnd: string | null = null): Promise<CodeRegion> {
  const bind = makeBinder(await coreTables('neoverse-n1'), { mode: 'kernel', features: someFeatures });
  const lines = text
    .trim()
    .split('\n')
    .map((line) => /^\s*(?:(\w+):\s*)?(\*?)\s*(.*)$/.exec(line) ?? []);
  const labels = new Map(lines.map(([, label], index) => [label, index]));
  const insns = lines.map(([, , star, insnText = ''], index): CodeInsn => {
    const insn = bind(insnText);
    const isDirect = insn.target !== null && insn.branch !== null && insn.branch !== 'call';
    return {
      insn,
      key: String(index),
      target: isDirect ? (labels.get(insn.target ?? '') ?? 'outside') : null,
      callee: isDirect || insn.branch === 'call' ? insn.target : null,
      neverReturns: insn.target === 'panic',
      isSite: star === '*',
    };
  });
  return { insns, entries: [0], unclearEnd };
}

/** Indices of a path with `!` behind taken branches, then how it ends. */
function pathText(path: Path): string {
  const steps = path.indices.map((index, i) => `${index}${path.stream[i]?.taken === true ? '!' : ''}`);
  const loops = path.loops.length === 0 ? '' : ` loop ${path.loops.join(' ')}`;
  const callees = path.callees.length === 0 ? '' : ` calls ${path.callees.map(({ callee }) => callee).join(' ')}`;
  const end = path.end.kind === 'unclear' ? `unclear: ${path.end.reason}` : path.end.kind;
  return `${steps.join(' ')} -> ${end}${loops}${callees}`;
}

const pathsOf = async (text: string): Promise<readonly string[]> => allPaths(await region(text)).paths.map(pathText);

describe('all paths', () => {
  it('both outcomes of a conditional branch', async () => {
    expect(await pathsOf('* nop\ncbz x0, 1f\nadd x0, x0, #1\nret')).toEqual([
      '0 1 2 3! -> return',
      '0 1! -> tail-call',
    ]);
    expect(await pathsOf('* nop\ncbz x0, out\nadd x0, x0, #1\nout: ret')).toEqual([
      '0 1 2 3! -> return',
      '0 1! 3! -> return',
    ]);
  });

  it('a loop is gone round once and marked', async () => {
    expect(await pathsOf('* nop\nhead: sub x0, x0, #1\ncbnz x0, head\nret')).toEqual([
      '0 1 2 3! -> return',
      '0 1 2! 1 2 3! -> return loop 2',
    ]);
  });

  it('an endless loop ends', async () => {
    expect(await pathsOf('head: * nop\nb head')).toEqual(['0 1! 0 1! -> limit loop 1']);
  });

  it('calls are boundaries, tail calls, traps and calls that never return end a path', async () => {
    expect(await pathsOf('* nop\nbl foo\nb bar')).toEqual(['0 1! 2! -> tail-call calls foo']);
    expect(await pathsOf('* nop\nbrk #0x800\nret')).toEqual(['0 1 -> trap']);
    expect(await pathsOf('* nop\nbl panic\nret')).toEqual(['0 1! -> no-return calls panic']);
    expect(await pathsOf('* nop\nbr x1')).toEqual(['0 1! -> indirect']);
    expect(await pathsOf('* nop\neret')).toEqual(['0 1! -> exception-return']);
  });

  it('the taken branch of a key goes its own way', async () => {
    expect(await pathsOf('* b on\nret\non: add x0, x0, #1\nret')).toEqual(['0! 2 3! -> return']);
  });

  it('stops at the most paths and says so', async () => {
    const text = Array.from({ length: 9 }, (_, i) => `cbz x${i}, l${i}\nadd x0, x0, #1\nl${i}: nop`).join('\n');
    const found = allPaths(await region(`* nop\n${text}\nret`));
    expect(found.isCut).toBe(true);
    expect(found.paths.length).toBe(pathLimits.paths);
  });

  it('stops where nobody knows how the code goes on', async () => {
    const { paths } = allPaths(await region('* nop\nadd x0, x0, #1', 'the macro ends here'));
    expect(paths.map(pathText)).toEqual(['0 1 -> unclear: the macro ends here']);
  });
});

describe('straight window', () => {
  const windowOf = async (text: string): Promise<string> => {
    const found = straightWindow(await region(text));
    return found === null ? 'none' : `${pathText(found)}, site ${found.siteStart}..${found.siteEnd}`;
  };

  it('begins at the leader of the block and ends at a return or a call', async () => {
    expect(await windowOf('cbz x0, in\nin: add x1, x1, #1\n* nop\ncbz x1, in\nret')).toBe(
      '1 2 3 4! -> return, site 1..2',
    );
    expect(await windowOf('ret\nadd x1, x1, #1\n* nop\nbl foo\nret')).toBe('1 2 3! -> limit calls foo, site 1..2');
  });

  it('follows unconditional branches and stops in a loop', async () => {
    expect(await windowOf('* b on\nret\non: nop\nret')).toBe('0! 2 3! -> return, site 0..1');
    expect(await windowOf('head: nop\n* nop\nb head')).toBe('0 1 2! -> limit, site 1..2');
  });

  it('is at most 24 instructions behind the site', async () => {
    const long = Array.from({ length: 60 }, () => 'nop').join('\n');
    const found = straightWindow(await region(`* nop\n${long}`));
    expect(found?.stream.length).toBe(1 + pathLimits.straightInsns);
  });

  it('is none without a site', async () => {
    expect(await windowOf('nop\nret')).toBe('none');
  });
});
