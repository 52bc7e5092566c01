import type { RuntimeConstant } from '../bootLists.ts';
import { symbolic } from '../imagePlace.ts';
import type { KernelImage } from '../kernelImage.ts';
import { hypAddress } from './hypAddresses.ts';
import { withMoveImmediate, withShiftCount } from './insnWords.ts';
import type { RuntimeValues } from './runtimeValues.ts';
import type { ChangeCause, TextChanges } from './textChanges.ts';

/**
 * 64-bit words among the instructions that relocation writes: the value plus the slide, also when that is 0, since the
 * file keeps zeros there. Source: arch/arm64/kernel/pi/relocate.c v6.12, head.S:__relocate_kernel v6.1.
 */
export function applyRelocations(text: TextChanges, image: KernelImage, runtime: RuntimeValues): void {
  const slide = runtime.get('kaslr_slide');
  for (const { address, value } of image.textRelocations) {
    const detail = symbolic(image, value);
    if (slide.known) writeQuad(text, address, value + slide.value, 'relocation', detail);
    else writeQuadUnknown(text, address, 'relocation', detail, slide.reason);
  }
}

/**
 * Words that hold kernel addresses which only the hypervisor uses, turned into its addresses.
 * Source: arch/arm64/kvm/va_layout.c:kvm_apply_hyp_relocations, v6.1 and v6.12: not with VHE.
 */
export function applyHypRelocations(
  text: TextChanges,
  image: KernelImage,
  places: readonly bigint[],
  runtime: RuntimeValues,
): void {
  for (const place of places) {
    // Most are data; only words among instructions are kernel text.
    if (image.sectionAt(place)?.executable !== true) continue;
    const linked = image.pointer(place);
    if (linked === null) continue;
    const detail = symbolic(image, linked);
    const address = hypAddress(linked, runtime);
    if (address.known) writeQuad(text, place, address.value, 'hyp-relocation', detail);
    else writeQuadUnknown(text, place, 'hyp-relocation', detail, address.reason);
  }
}

/**
 * Runtime constants: the immediates of `movz` and three `movk`, and the shift count of one `lsr`.
 * Source: asm/runtime-const.h:__runtime_fixup_ptr and __runtime_fixup_shift, v6.12.
 */
export function applyRuntimeConstants(
  text: TextChanges,
  constants: readonly RuntimeConstant[],
  runtime: RuntimeValues,
): void {
  for (const { kind, symbol, site } of constants) {
    const value = runtime.get(symbol);
    const nWords = kind === 'ptr' ? 4 : 1;
    for (let index = 0; index < nWords; index++) {
      const address = site + BigInt(4 * index);
      const word = text.read(address);
      if (!value.known) text.writeUnknown(address, 'runtime-constant', symbol, value.reason);
      else if (typeof word !== 'number') text.writeUnknown(address, 'runtime-constant', symbol, word.reason);
      else {
        const changed =
          kind === 'ptr'
            ? withMoveImmediate(word, value.value >> BigInt(16 * index))
            : withShiftCount(word, value.value);
        text.write(address, changed, 'runtime-constant', symbol);
      }
    }
  }
}

function writeQuad(text: TextChanges, address: bigint, value: bigint, cause: ChangeCause, detail: string): void {
  const unsigned = BigInt.asUintN(64, value);
  text.write(address, Number(unsigned & 0xffffffffn), cause, detail);
  text.write(address + 4n, Number(unsigned >> 32n), cause, detail);
}

function writeQuadUnknown(
  text: TextChanges,
  address: bigint,
  cause: ChangeCause,
  detail: string,
  reason: string,
): void {
  text.writeUnknown(address, cause, detail, reason);
  text.writeUnknown(address + 4n, cause, detail, reason);
}
