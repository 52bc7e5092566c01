import type { IssueList } from './imageIssues.ts';
import type { KernelImage } from './kernelImage.ts';
import { entryAddresses, type TableRange, tableRanges } from './tableRange.ts';

/** Code whose immediates boot replaces by a pointer or a shift (asm/runtime-const.h, 6.11 on). */
export interface RuntimeConstant {
  readonly kind: 'ptr' | 'shift';
  /** Kernel variable whose value goes there. */
  readonly symbol: string;
  /** First instruction: `movz` of four, or the `lsr`. */
  readonly site: bigint;
}

/** Runtime constants, by the sections or bounds that the linker makes for each variable. */
export function readRuntimeConstants(image: KernelImage, list: IssueList): readonly RuntimeConstant[] {
  const found: RuntimeConstant[] = [];
  const seen = new Set<string>();
  const add = (table: string): void => {
    const [, kind, symbol] = /^runtime_(ptr|shift)_(.+)$/.exec(table) ?? [];
    if ((kind !== 'ptr' && kind !== 'shift') || symbol === undefined || seen.has(table)) return;
    seen.add(table);
    const names = { start: `__start_${table}`, end: `__stop_${table}`, section: table };
    for (const range of tableRanges(image, names, list)) {
      for (const site of relativePlaces(image, range, table, list)) {
        if (image.sectionAt(site)?.executable === true) found.push({ kind, symbol, site });
      }
    }
  };
  for (const { name } of image.sections) add(name);
  for (const { name } of image.symbols.withPrefix('__start_runtime_')) add(name.slice('__start_'.length));
  return found;
}

/**
 * Addresses of the 64-bit words that KVM turns into hypervisor addresses at boot, in file order.
 * Source: arch/arm64/kvm/va_layout.c:kvm_apply_hyp_relocations, v6.12.
 */
export function readHypRelocations(image: KernelImage, list: IssueList): readonly bigint[] {
  const names = { start: '__hyp_reloc_begin', end: '__hyp_reloc_end', section: '.hyp.reloc' };
  return tableRanges(image, names, list).flatMap((range) => [...relativePlaces(image, range, '.hyp.reloc', list)]);
}

/** Addresses that a list of 32-bit distances, each from itself, leads to. */
function* relativePlaces(image: KernelImage, range: TableRange, what: string, list: IssueList): Iterable<bigint> {
  let wrong = 0;
  for (const at of entryAddresses(image, range, 4, what, list)) {
    const place = BigInt.asUintN(64, at + BigInt(image.s32(at) ?? 0));
    if (image.sectionAt(place) === undefined) wrong++;
    else yield place;
  }
  if (wrong > 0) list.error(`${image.name}: ${what}: ${wrong} entries lead out of the image`);
}
