import { symbolic } from '../../image/imagePlace.ts';
import type { ImageSites } from '../../image/imageSites.ts';
import type { KernelImage } from '../../image/kernelImage.ts';
import type { FtraceWord } from '../../image/predict/applyFtrace.ts';
import { ftraceStreams, ftraceTrampolines, ftraceWordText, trampolineAt } from '../../image/predict/ftraceView.ts';
import { runtimeValues } from '../../image/predict/runtimeValues.ts';
import { hexWord } from '../../isa/hexWord.ts';
import type { MachineState } from '../../kernel/machineStates.ts';
import { type CliIo, type ExitStatus, UsageError } from '../command.ts';
import { jsonDocument } from '../reporters/json.ts';

/**
 * `image --ftrace FUNCTION|ADDRESS`: what the text at a function's site is as compiled, untraced and traced, where the
 * traced site calls and which literal the trampoline reads; for an address also whether it is trampoline text.
 */
export function showFtrace(
  image: KernelImage,
  sites: ImageSites,
  wanted: string,
  state: MachineState | null,
  json: boolean,
  io: CliIo,
): ExitStatus {
  const { ftrace } = sites;
  if (ftrace === null) throw new UsageError(`${image.name}: has no ftrace sites`);
  const trampolines = ftraceTrampolines(image);
  const address = /^0x[0-9a-f]+$/i.test(wanted) ? BigInt(wanted) : null;
  const inside = address === null ? null : trampolineAt(trampolines, address);
  const entries = new Set(address === null ? image.symbols.named(wanted).map((symbol) => symbol.address) : []);
  if (address !== null) {
    const start = image.symbols.functionAt(address)?.address;
    if (start !== undefined) entries.add(start);
  }
  const found = ftrace.sites.filter(({ entry, patch, literal }) =>
    address === null ? entries.has(entry) : entries.has(entry) || patch === address || literal === address,
  );
  if (found.length === 0 && inside === null) {
    throw new UsageError(`--ftrace ${wanted}: no function of that name has an ftrace site, and no trampoline is there`);
  }
  const runtime = runtimeValues(state?.runtime, image.symbols.addressOf('_text'));
  const streams = found.map((site) => ftraceStreams(image, ftrace, site, runtime));
  const hex = (value: bigint): string => `0x${value.toString(16)}`;
  if (json) {
    const words = (list: readonly FtraceWord[]): object[] =>
      list.map(({ address: at, word, reason }) => ({
        address: hex(at),
        word: word === null ? null : hexWord(word),
        ...(word === null ? { reason } : {}),
      }));
    io.out(
      jsonDocument({
        layout: ftrace.layout,
        trampolineText: inside === null ? null : { name: inside.name, purpose: inside.purpose },
        sites: streams.map((one) => ({
          function: symbolic(image, one.site.entry),
          compiled: words(one.compiled),
          untraced: words(one.untraced),
          traced: words(one.traced),
          opsLiteral: one.site.literal === null ? null : hex(one.site.literal),
          literalReadByTrampoline: one.literalRead === null ? null : hex(one.literalRead),
        })),
        trampolines: trampolines.map(({ name, start, end, purpose }) => ({
          name,
          start: hex(start),
          end: hex(end),
          purpose,
        })),
      }),
    );
    return 0;
  }
  const lines: string[] = [];
  if (inside !== null) lines.push(`${wanted} is trampoline text: ${inside.name}, ${inside.purpose}`, '');
  for (const one of streams) {
    lines.push(`${symbolic(image, one.site.entry)} (layout ${ftrace.layout})`);
    for (const [title, list] of [
      ['as compiled', one.compiled],
      ['untraced (after ftrace_init)', one.untraced],
      ['traced', one.traced],
    ] as const) {
      lines.push(`  ${title}`, ...list.map((word) => `    ${ftraceWordText(image, word)}`));
    }
    if (one.literalRead !== null) lines.push(`  the trampoline reads the ops literal at ${hex(one.literalRead)}`);
    lines.push('');
  }
  lines.push('trampoline text (arm64 makes none of its own for an ops, so none is ever freed)');
  for (const { name, start, end, purpose } of trampolines)
    lines.push(`  ${hex(start)}-${hex(end)} ${name}: ${purpose}`);
  io.out(`${lines.join('\n')}\n`);
  return 0;
}
