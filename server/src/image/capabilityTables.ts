import type { IssueList } from './imageIssues.ts';
import type { KernelImage } from './kernelImage.ts';
import type { ImageSymbol } from './symbolTable.ts';

/** An entry of the image's own `arm64_features[]` or `arm64_errata[]`. */
export interface CapabilityEntry {
  /** Number of the cpucap in this image. */
  readonly number: number;
  /** What boot prints after `detected:`. */
  readonly description: string | null;
  /** `type` as it stands there. */
  readonly type: number;
  readonly scope: 'boot' | 'system' | 'local' | null;
  /** The function that decides. */
  readonly matches: string | null;
  /** `sys_reg` and `field_pos` of an entry that tests a field; meaningless where another function decides. */
  readonly field: { readonly register: number; readonly position: number };
}

const maxDescriptionBytes = 128;

/**
 * The capability tables that are compiled in: they give numbers their meaning without a source tree. Entries are
 * recognized by their members (description, number and type, function), so that the size of an entry need not be known.
 * Source: arch/arm64/include/asm/cpufeature.h:struct arm64_cpu_capabilities, 6.1 and 6.12.
 */
export function readCapabilities(image: KernelImage, list: IssueList): readonly CapabilityEntry[] {
  return ['arm64_features', 'arm64_errata'].flatMap((name) => {
    const symbol = image.symbols.named(name).find(({ defined, type }) => defined && type === 'object');
    if (symbol === undefined) return [];
    const entries = readTable(image, symbol);
    if (entries === null)
      list.warn(`${image.name}: the entries of ${name} are laid out in a way that is not known here`);
    return entries ?? [];
  });
}

/** Entries of a table whose size nobody tells; a table has that many at least. */
const minUnsized = 8;
const maxEntries = 1000;

/** The entries before the last one, which is all zero; null when no size of an entry fits. */
function readTable(image: KernelImage, { address, sizeBytes }: ImageSymbol): readonly CapabilityEntry[] | null {
  for (let entryBytes = 48; entryBytes <= 160; entryBytes += 8) {
    if (sizeBytes % entryBytes !== 0 || sizeBytes > maxEntries * entryBytes) continue;
    const entries: CapabilityEntry[] = [];
    const count = sizeBytes === 0 ? maxEntries : sizeBytes / entryBytes;
    while (entries.length < count) {
      const entry = readEntry(image, address + BigInt(entries.length * entryBytes));
      if (entry === null) break;
      entries.push(entry);
    }
    const last = image.bytes(address + BigInt(entries.length * entryBytes), entryBytes);
    const ends = last?.every((byte) => byte === 0) === true;
    if (ends && (sizeBytes === 0 ? entries.length >= minUnsized : entries.length === count - 1 && count > 1)) {
      return entries;
    }
  }
  return null;
}

function readEntry(image: KernelImage, address: bigint): CapabilityEntry | null {
  const text = image.pointer(address);
  const number = image.u16(address + 8n);
  const type = image.u16(address + 10n);
  const matches = image.pointer(address + 16n);
  if (text === null || number === null || type === null || matches === null || matches === 0n) return null;
  const decides = image.symbols.at(matches).find((one) => one.type === 'func');
  if (decides === undefined || (type & 7) === 0) return null;
  // After desc, capability, type, matches and cpu_enable comes the union.
  const field = { register: image.word(address + 32n) ?? 0, position: image.bytes(address + 36n, 1)?.[0] ?? 0 };
  return { number, description: textAt(image, text), type, scope: scopeOf(type), matches: decides.name, field };
}

/** ARM64_CPUCAP_SCOPE_LOCAL_CPU, _SYSTEM, _BOOT_CPU (asm/cpufeature.h, v6.12). */
function scopeOf(type: number): CapabilityEntry['scope'] {
  if ((type & 4) !== 0) return 'boot';
  if ((type & 2) !== 0) return 'system';
  return (type & 1) !== 0 ? 'local' : null;
}

function textAt(image: KernelImage, address: bigint): string | null {
  if (address === 0n) return null;
  let text = '';
  for (let at = 0; at < maxDescriptionBytes; at++) {
    const byte = image.bytes(address + BigInt(at), 1)?.[0];
    if (byte === undefined) return null;
    if (byte === 0) return text;
    text += String.fromCharCode(byte);
  }
  return null;
}
