import type { ByteSource } from '../byteSource.ts';
import type { KernelImage } from '../kernelImage.ts';

/** A stretch of a file that holds memory. */
export interface MemoryRegion {
  readonly fileOffset: number;
  readonly sizeBytes: number;
}

/** Bytes that a kernel has at a fixed distance from its start, and no other kernel there. */
export interface ImageMarker {
  /** From `_text`, in bytes. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const markerBytes = 64;

/** The beginning of the kernel's banner, which memory holds as the file does; null in an image without one. */
export function imageMarker(image: KernelImage): ImageMarker | null {
  const banner = image.symbols.addressOf('linux_banner');
  const start = image.symbols.addressOf('_text');
  const bytes = banner === null ? null : image.bytes(banner, markerBytes);
  if (banner === null || start === null || bytes === null || banner < start) return null;
  return { offset: Number(banner - start), bytes };
}

/** The kernel's placement: 2 MiB, and 64 KiB where firmware put it. Source: Documentation/arch/arm64/booting.rst, efi.h. */
const steps = [1 << 21, 1 << 16];
/** Reads of one search: 64 GiB at the fine step. */
const maxProbes = 1 << 20;

/** Offset in the file at which the image with that marker begins, or null. Bounded; never throws but for the medium. */
export async function findImage(
  source: ByteSource,
  regions: readonly MemoryRegion[],
  marker: ImageMarker,
): Promise<number | null> {
  let probes = 0;
  for (const step of steps) {
    for (const { fileOffset, sizeBytes } of regions) {
      const last = Math.min(sizeBytes, source.sizeBytes - fileOffset) - marker.offset - marker.bytes.length;
      for (let at = 0; at <= last; at += step) {
        probes += 1;
        if (probes > maxProbes) return null;
        if (await isMarkerAt(source, fileOffset + at, marker)) return fileOffset + at;
      }
    }
  }
  return null;
}

/** Whether the image begins at that offset of the file. */
export async function isMarkerAt(source: ByteSource, at: number, marker: ImageMarker): Promise<boolean> {
  const found = await source.read(at + marker.offset, marker.bytes.length);
  return found.length === marker.bytes.length && marker.bytes.every((byte, index) => byte === found[index]);
}
