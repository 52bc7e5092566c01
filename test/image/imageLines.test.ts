import { describe, expect, it } from 'vitest';
import { parseFrames } from '../../server/src/node/symbolizer.ts';
import { smallImageLines } from '../support/smallImageLines.ts';

describe('lines of an image', () => {
  it('a site belongs to every line of its inline chain', async () => {
    const lines = await smallImageLines();
    const shown = (file: string, line: number): readonly string[] =>
      lines
        .at(file, line)
        .map(({ kind, trigger, places, functions }) => `${kind} ${trigger} ×${places} in ${functions[0]?.name}`);
    expect(lines.sites).toBe(3);
    expect(shown('arch/arm64/kernel/demo.c', 12)).toEqual(['alternative HAS_VIRT_HOST_EXTN ×1 in demo']);
    expect(shown('arch/arm64/include/asm/percpu.h', 3)).toEqual(['alternative HAS_VIRT_HOST_EXTN ×1 in demo']);
    expect(shown('arch/arm64/kernel/demo.c', 14)).toEqual([
      'callback-alternative 37 ×1 in demo',
      'jump key_on ×1 in demo',
    ]);
    expect(shown('arch/arm64/kernel/demo.c', 99)).toEqual([]);
    expect(lines.linesOf('arch/arm64/kernel/demo.c')).toEqual([
      { line: 12, sites: 1 },
      { line: 14, sites: 2 },
    ]);
  });
});

describe('answers of a symbolizer', () => {
  it('are read innermost first, as addr2line -a -f -i prints them', () => {
    const output = [
      '0xffff800080010010',
      'my_offset',
      '/b/asm/percpu.h:3 (discriminator 4)',
      'demo',
      '/b/demo.c:12',
      '0x0000000000000020',
      '??',
      '??:0',
      '0x30',
      'entry',
      '/b/entry.S:?',
      '',
    ].join('\n');
    expect([...parseFrames(output)]).toEqual([
      [
        '0xffff800080010010',
        [
          { name: 'demo', file: '/b/demo.c', line: 12 },
          { name: 'my_offset', file: '/b/asm/percpu.h', line: 3 },
        ],
      ],
      ['0x20', []],
      ['0x30', [{ name: 'entry', file: '/b/entry.S', line: null }]],
    ]);
  });
});
