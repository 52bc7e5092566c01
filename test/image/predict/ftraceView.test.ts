import { expect, it } from 'vitest';
import {
  ftraceStreams,
  ftraceTrampolines,
  ftraceWordText,
  trampolineAt,
} from '../../../server/src/image/predict/ftraceView.ts';
import { runtimeValues } from '../../../server/src/image/predict/runtimeValues.ts';
import { base, smallImage } from './smallKernel.ts';

const nop = 0xd503201f;
// bti c; and x11, x30, #~7; ldur x11, [x11, #-16]; nops
const trampoline = [0xd503245f, 0x927df3cb, 0xf85f016b, nop, nop, nop, nop, nop];
const image = smallImage({
  text: [nop, nop, nop, nop, nop, nop, nop, nop, ...trampoline],
  symbols: { function: 8, ftrace_caller: 0x20, ftrace_nop_ops: 0x8000 },
});
const site = { table: base, literal: base, entry: base + 8n, patch: base + 12n, bti: false };

it('shows a site as compiled, untraced and traced, and the literal that the trampoline reads', () => {
  const table = { layout: 'call-ops' as const, sites: [site], skipped: 0 };
  const streams = ftraceStreams(image, table, site, runtimeValues({ kaslr_slide: '0x0' }, base));
  const text = (words: typeof streams.traced): string => words.map((word) => ftraceWordText(image, word)).join('\n');
  expect([text(streams.compiled), text(streams.untraced), text(streams.traced)].join('\n\n')).toMatchInlineSnapshot(`
    "0xffff800080000000  d503201f
    0xffff800080000004  d503201f
    0xffff800080000008  d503201f
    0xffff80008000000c  d503201f

    0xffff800080000000  80008000
    0xffff800080000004  ffff8000
    0xffff800080000008  aa1e03e9
    0xffff80008000000c  d503201f

    0xffff800080000000  ????????  which ftrace_ops the site has depends on who traces it
    0xffff800080000004  ????????  which ftrace_ops the site has depends on who traces it
    0xffff800080000008  aa1e03e9
    0xffff80008000000c  94000005  bl 0xffff800080000020"
  `);
  // The return address is base + 16, aligned down to 8 it is the same; 16 below is the literal.
  expect(streams.literalRead).toBe(base);
  expect(streams.trampoline?.name).toBe('ftrace_caller');
});

it('a function with BTI has its literal where the same trampoline reads it', () => {
  const withBti = { ...site, patch: base + 16n, bti: true };
  const table = { layout: 'call-ops' as const, sites: [withBti], skipped: 0 };
  expect(ftraceStreams(image, table, withBti, runtimeValues({}, base)).literalRead).toBe(base);
});

it('knows which addresses are trampoline text', () => {
  const trampolines = ftraceTrampolines(image);
  expect(trampolineAt(trampolines, base + 0x20n)?.purpose).toContain('the common trampoline');
  expect(trampolineAt(trampolines, base + 0x24n)).toBeNull();
});
