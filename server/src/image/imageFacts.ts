import { viewOf } from './elfFile.ts';
import { isGzip, unpackGzip } from './gzip.ts';
import type { ImageMemory } from './imageMemory.ts';
import type { SymbolTable } from './symbolTable.ts';

/** What an image says about itself; null where it does not. */
export interface ImageFacts {
  /** GNU build id, hexadecimal. */
  readonly buildId: string | null;
  /** `Linux version … (user@host) (compiler) #1 …`, without its line break. */
  readonly banner: string | null;
  /** `6.12.117+deb12-arm64`. */
  readonly release: string | null;
  readonly compiler: string | null;
  /** Text of the `.config` inside (CONFIG_IKCONFIG). */
  readonly config: string | null;
}

const noteGnuBuildId = 3;
const maxBannerBytes = 1024;

/** Reads build id, banner and configuration. Never throws. */
export async function readImageFacts(memory: ImageMemory, symbols: SymbolTable): Promise<ImageFacts> {
  const banner = bannerOf(memory, symbols);
  const parts = banner === null ? null : /^Linux version (\S+) \(.*?\) \((.*)\) #/.exec(banner);
  return {
    buildId: buildIdOf(memory),
    banner,
    release: (banner === null ? null : /^Linux version (\S+)/.exec(banner)?.[1]) ?? releaseOfModule(memory),
    compiler: parts?.[2] ?? null,
    config: await configOf(memory, symbols),
  };
}

/** In a vmlinux all notes are in `.notes`, elsewhere in `.note.gnu.build-id`. */
function buildIdOf(memory: ImageMemory): string | null {
  for (const { name, bytes } of memory.sections) {
    if (!name.startsWith('.note')) continue;
    const view = viewOf(bytes);
    for (let at = 0; at + 12 <= bytes.length; ) {
      const nameBytes = view.getUint32(at, true);
      const valueBytes = view.getUint32(at + 4, true);
      const nameAt = at + 12;
      const valueAt = nameAt + padded(nameBytes);
      const end = valueAt + padded(valueBytes);
      if (valueAt + valueBytes > bytes.length) break;
      const isGnu = nameBytes === 4 && view.getUint32(nameAt, true) === 0x00554e47;
      if (isGnu && view.getUint32(at + 8, true) === noteGnuBuildId)
        return hexText(bytes.subarray(valueAt, valueAt + valueBytes));
      at = end;
    }
  }
  return null;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bannerOf(memory: ImageMemory, symbols: SymbolTable): string | null {
  const address = symbols.addressOf('linux_banner');
  if (address === null) return null;
  const section = memory.sectionAt(address);
  if (section === undefined) return null;
  const offset = Number(address - section.address);
  const text = cString(section.bytes.subarray(offset, offset + maxBannerBytes)).trimEnd();
  return text.startsWith('Linux version ') ? text : null;
}

/** `vermagic=6.12.117 SMP …` in `.modinfo`. */
function releaseOfModule(memory: ImageMemory): string | null {
  const bytes = memory.section('.modinfo')?.bytes;
  if (bytes === undefined) return null;
  const text = latin1(bytes.subarray(0, 0x10000));
  return /(?:^|\0)vermagic=(\S+)/.exec(text)?.[1] ?? null;
}

/** `kernel/configs.c`: gzip data between `IKCFG_ST` and `IKCFG_ED`, at `kernel_config_data`. */
async function configOf(memory: ImageMemory, symbols: SymbolTable): Promise<string | null> {
  const start = symbols.addressOf('kernel_config_data');
  const end = symbols.addressOf('kernel_config_data_end');
  if (start === null) return null;
  const section = memory.sectionAt(start);
  if (section === undefined) return null;
  const offset = Number(start - section.address);
  const length = end !== null && end > start ? Number(end - start) : section.bytes.length - offset;
  const packed = section.bytes.subarray(offset, offset + length);
  if (!isGzip(packed)) return null;
  const text = await unpackGzip(packed);
  return text instanceof Uint8Array ? latin1(text) : null;
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return latin1(end < 0 ? bytes : bytes.subarray(0, end));
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}
