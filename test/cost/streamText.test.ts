import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKnownForm, makeBinder } from '../../server/src/cost/records.ts';
import { blockStream, readTextBlocks } from '../../server/src/cost/streamText.ts';
import { coreTables, someFeatures } from '../support/costStreams.ts';

const tables = await coreTables('cortex-a55');
const read = (text: string) => readTextBlocks(text, (insn) => isKnownForm(tables, insn));

/** Blocks as `name: instruction; ...`, then the issues with their lines. */
function shown(text: string): readonly string[] {
  const { value, issues } = read(text);
  const all = [...value.flatMap((block) => block.issues), ...issues];
  return [
    ...value.map(({ name, insns, site }) => {
      const place = site === null ? '' : ` site ${site.start}..${site.end}`;
      return `${name}: ${insns.map((insn) => insn.text).join('; ')}${place}`;
    }),
    ...all.map(({ line, message }) => `${line}: ${message}`),
  ];
}

describe('blocks', () => {
  it('a text without markers is one block', () => {
    expect(shown('nop\n\tret\n')).toEqual([': nop; ret']);
  });

  it('markers begin and end blocks, what lies outside is left out', () => {
    expect(
      shown('isb\n# LLVM-MCA-BEGIN one\nnop\n# LLVM-MCA-END\n// LLVM-MCA-BEGIN two\nret\n// LLVM-MCA-END two'),
    ).toEqual(['one: nop', 'two: ret']);
  });

  it('blocks may overlap by name, and the last one may stay open', () => {
    expect(shown('# LLVM-MCA-BEGIN a\nnop\n# LLVM-MCA-BEGIN b\nisb\n# LLVM-MCA-END a\nret')).toEqual([
      'a: nop; isb',
      'b: isb; ret',
    ]);
  });

  it('a site is marked inside a block', () => {
    expect(shown('nop\n# PATCHPOINT-SITE-BEGIN\nisb\n# PATCHPOINT-SITE-END\nret')).toEqual([
      ': nop; isb; ret site 1..2',
    ]);
  });

  it('skips labels, directives and comments, and reads listings', () => {
    const text = '/* over\n two lines */ foo: nop // why\n.p2align 2\n# note\n1: b 1b ; ret\nffff8000: d503201f \tnop';
    expect(shown(text)).toEqual([': nop; b 1b; ret; nop']);
  });

  it('names the line that is no instruction, and an end without a beginning', () => {
    expect(shown('nop\nhello world\nadd x0\n# LLVM-MCA-END x')).toEqual([
      ': nop',
      '2: "hello world" is not an A64 instruction: the instruction hello is not known here',
      '3: "add x0" is not an A64 instruction: operand 2: a general register is needed',
      '4: no region "x" is open here',
    ]);
  });
});

describe('taken branches', () => {
  const taken = (text: string): string => {
    const [block] = read(text).value;
    const bind = makeBinder(tables, { mode: 'kernel', features: someFeatures });
    return block === undefined
      ? ''
      : blockStream(block, bind)
          .map((item) => (item.taken ? '!' : '.'))
          .join('');
  };

  it('unconditional ones are, conditional ones only where they close a loop of the block', () => {
    expect(taken('b tgt\ncbz x0, tgt\nbl foo\nret')).toBe('!.!!');
    expect(taken('1: sub x0, x0, #1\ncbz x1, 1b\ncbnz x0, 1b')).toBe('..!');
    expect(taken('sub x0, x0, #1\ncbnz x0, out')).toBe('..');
  });
});

it('any text is read without a throw', () => {
  const words = [
    'nop',
    'add x0, x1',
    'ldr x0, [x1',
    '{',
    '# LLVM-MCA-BEGIN',
    'x:',
    ';',
    '/*',
    '\t',
    '\n',
    '.inst',
    '//',
  ];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 30 }), (parts) => {
      const { value } = read(parts.join(' '));
      expect(value.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});
