import { existsSync, readFileSync } from 'node:fs';
import type { ElfFile, ElfSection } from '../support/elf.ts';
import type { KernelBuild } from './kernelBuilds.ts';

/** One `struct alt_instr` of an object, with the words of its sequences. */
export interface AltInstruction {
  readonly section: string;
  readonly offset: number;
  /** Section and offset of the replacement; `null` for a callback. */
  readonly replacement: { readonly section: string; readonly offset: number } | null;
  readonly cpucap: number;
  readonly callback: string | null;
  /** 8 hexadecimal digits each, in address order. */
  readonly original: readonly string[];
  readonly replaced: readonly string[];
}

const recordBytes = 12;
const callbackBit = 0x8000;

/**
 * Records of `.altinstructions` in file order (arch/arm64/include/asm/alternative.h: struct alt_instr): two 32-bit
 * offsets, which are relocations here, the cpucap and two lengths. Since 5.19 the top bit of the cpucap marks a
 * callback (ARM64_CB_BIT); before, the number after the last cpucap did (ARM64_CB_PATCH), and the length is 0.
 */
export function altInstructions(elf: ElfFile): readonly AltInstruction[] {
  const found: AltInstruction[] = [];
  for (const table of elf.sections) {
    if (table.name !== '.altinstructions' || table.bytes.length === 0) continue;
    const targets = new Map(elf.relocationsOf(table.index).map((relocation) => [relocation.offset, relocation]));
    const placeAt = (at: number): { section: ElfSection | undefined; offset: number; symbol: string } => {
      const target = targets.get(at);
      if (target === undefined) throw new Error(`${elf.path}: .altinstructions+0x${at.toString(16)} has no relocation`);
      return {
        section: target.symbol.section === 0 ? undefined : elf.sections[target.symbol.section],
        offset: target.symbol.value + Number(target.addend),
        symbol: target.symbol.name,
      };
    };
    for (let at = 0; at + recordBytes <= table.bytes.length; at += recordBytes) {
      const field = table.bytes.readUInt16LE(at + 8);
      const originalBytes = table.bytes[at + 10] ?? 0;
      const replacementBytes = table.bytes[at + 11] ?? 0;
      const original = placeAt(at);
      const replacement = placeAt(at + 4);
      if (original.section === undefined) throw new Error(`${elf.path}: a record names no section`);
      const isCallback = (field & callbackBit) !== 0 || (replacementBytes === 0 && replacement.section === undefined);
      found.push({
        section: original.section.name,
        offset: original.offset,
        replacement:
          isCallback || replacement.section === undefined
            ? null
            : { section: replacement.section.name, offset: replacement.offset },
        cpucap: field & ~callbackBit,
        callback: isCallback ? replacement.symbol : null,
        original: words(original.section, original.offset, originalBytes),
        replaced: isCallback ? [] : words(replacement.section, replacement.offset, replacementBytes),
      });
    }
  }
  return found;
}

function words(section: ElfSection | undefined, offset: number, lengthBytes: number): string[] {
  const found: string[] = [];
  for (let at = offset; at < offset + lengthBytes; at += 4) {
    found.push((section?.bytes.readUInt32LE(at) ?? 0).toString(16).padStart(8, '0'));
  }
  return found;
}

/** Names of cpucaps by number, with `ARM64_`, from the header that the build generated (or that older trees have). */
export function cpucapNames(build: KernelBuild): ReadonlyMap<number, string> {
  const headers = [
    `${build.directory}/arch/arm64/include/generated/asm/cpucap-defs.h`,
    `${build.directory}/arch/arm64/include/generated/asm/cpucaps.h`,
    `${build.source}/arch/arm64/include/asm/cpucaps.h`,
  ];
  const header = headers.find((path) => existsSync(path));
  if (header === undefined) throw new Error(`${build.name}: no header with cpucaps`);
  const names = new Map<number, string>();
  for (const match of readFileSync(header, 'utf8').matchAll(/^#define\s+(ARM64_\w+)\s+(\d+)\s*$/gm)) {
    const [, name = '', number = ''] = match;
    if (name !== 'ARM64_NCAPS') names.set(Number(number), name);
  }
  return names;
}
