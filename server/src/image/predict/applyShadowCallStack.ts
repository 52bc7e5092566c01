import type { CpucapNames } from '../cpucapNames.ts';
import type { KernelImage } from '../kernelImage.ts';
import type { CallbackMachine } from './callbackWords.ts';
import { type Known, known, unknown } from './runtimeValues.ts';
import type { TextChanges } from './textChanges.ts';

// Words of the pair that is exchanged. Source: arch/arm64/kernel/pi/patch-scs.c, v6.12.
const pushes: ReadonlyMap<number, number> = new Map([
  [0xd503233f, 0xf800865e], // paciasp -> str x30, [x18], #8
  [0xd50323bf, 0xf85f8e5e], // autiasp -> ldr x30, [x18, #-8]!
]);

/** Unwind tables that the kernel patches by, as bytes with their address; null when it was not built for that. */
interface UnwindTables {
  readonly start: bigint;
  readonly bytes: Uint8Array;
}

/**
 * Turns signing of return addresses into a shadow call stack, where the kernel was built to do so and the machine has
 * neither pointer authentication nor kernel BTI. When the state does not settle that, the words are open.
 * Source: arch/arm64/kernel/pi/patch-scs.c:scs_patch, pi/map_kernel.c:map_kernel, kernel/module.c:module_finalize, v6.12
 * (CONFIG_UNWIND_PATCH_PAC_INTO_SCS, 6.2 on).
 */
export function applyShadowCallStack(
  text: TextChanges,
  image: KernelImage,
  names: CpucapNames,
  machine: CallbackMachine,
): void {
  const tables = unwindTables(image);
  if (tables === null) return;
  const enabled = isEnabled(names, machine);
  if (enabled.known && !enabled.value) return;
  for (const place of negateStatePlaces(tables)) {
    const word = text.read(place);
    const patched = typeof word === 'number' ? pushes.get(word) : undefined;
    if (patched === undefined) continue;
    if (enabled.known) text.write(place, patched, 'shadow-call-stack', 'scs_patch');
    else text.writeUnknown(place, 'shadow-call-stack', 'scs_patch', enabled.reason);
  }
}

function unwindTables(image: KernelImage): UnwindTables | null {
  const of = (start: bigint | null, end: bigint | null): UnwindTables | null => {
    const bytes = start === null || end === null || end <= start ? null : image.bytes(start, Number(end - start));
    return start === null || bytes === null ? null : { start, bytes };
  };
  if (image.kind === 'module') {
    const section = image.section('.eh_frame');
    return section === undefined ? null : of(section.address, section.address + BigInt(section.sizeBytes));
  }
  const at = (name: string): bigint | null => image.symbols.addressOf(`__pi_${name}`) ?? image.symbols.addressOf(name);
  return of(at('__eh_frame_start'), at('__eh_frame_end'));
}

function isEnabled(names: CpucapNames, machine: CallbackMachine): Known<boolean> {
  for (const name of ['__pi_dynamic_scs_is_enabled', 'dynamic_scs_is_enabled']) {
    const given = machine.runtime.get(name);
    if (given.known) return known(given.value !== 0n);
  }
  if (machine.hasCpucap('HAS_ADDRESS_AUTH')) return known(false);
  if (!machine.hasCpucap('BTI')) return known(true);
  // BTI is settled by the boot CPU in kernels that use it themselves, by the system in others.
  const number = names.number('BTI');
  const scope = number === null ? null : names.scope(number);
  return scope === null ? unknown('whether the kernel itself uses BTI is not known') : known(scope !== 'boot');
}

// Source: DWARF call frame instructions as scs_handle_fde_frame() knows them.
const cfa = {
  advance1: 0x02,
  advance2: 0x03,
  advance4: 0x04,
  offsetExtended: 0x05,
  restoreExtended: 0x06,
  sameValue: 0x08,
  remember: 0x0a,
  restore: 0x0b,
  defCfa: 0x0c,
  defCfaRegister: 0x0d,
  defCfaOffset: 0x0e,
  defCfaOffsetSf: 0x13,
  negateState: 0x2d,
} as const;

/** Addresses of the instructions after which the state of the return address changes. Ends where the kernel gives up. */
function negateStatePlaces({ start, bytes }: UnwindTables): readonly bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places: bigint[] = [];
  let hasAugmentation = true;
  let alignment = 1;
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at, true);
    const end = at + 4 + size;
    if (size === 0 || size === 0xffffffff || end > bytes.length) break;
    if (view.getUint32(at + 4, true) === 0) {
      const zero = bytes.indexOf(0, at + 9);
      hasAugmentation = bytes[at + 9] === 0x7a;
      const factor = zero < 0 || zero + 1 >= end ? 0 : (bytes[zero + 1] ?? 0);
      if (factor < 0x80) alignment = factor;
    } else {
      const found = at + 16 > end ? null : framePlaces(view, at, end, start, hasAugmentation, alignment);
      if (found === null) break;
      places.push(...found);
    }
    at = end;
  }
  return places;
}

/** Places of one frame description, null when it has an instruction that the kernel does not take. */
function framePlaces(
  view: DataView,
  at: number,
  end: number,
  start: bigint,
  hasAugmentation: boolean,
  alignment: number,
): readonly bigint[] | null {
  const places: bigint[] = [];
  const byte = (offset: number): number => (offset < end ? view.getUint8(offset) : 0);
  let location = start + BigInt(at + 8 + view.getInt32(at + 8, true));
  let next = at + 16;
  const advance = (factor: number): void => {
    location += BigInt(factor * alignment);
  };
  const skipLeb = (): void => {
    while (next < end && byte(next) >= 0x80) next++;
    next++;
  };
  if (hasAugmentation) {
    if (byte(next) >= 0x80) return null;
    next += 1 + byte(next);
  }
  while (next < end) {
    const code = byte(next);
    next++;
    if (code >= 0x40 && code < 0x80) advance(code & 0x3f);
    else if (code >= 0x80 && code < 0xc0) skipLeb();
    else if (code < 0xc0) {
      switch (code) {
        case 0:
        case cfa.remember:
        case cfa.restore:
          break;
        case cfa.advance1:
          advance(byte(next));
          next += 1;
          break;
        case cfa.advance2:
          advance(byte(next) | (byte(next + 1) << 8));
          next += 2;
          break;
        case cfa.advance4:
          advance(next + 4 <= end ? view.getUint32(next, true) : 0);
          next += 4;
          break;
        case cfa.defCfa:
        case cfa.offsetExtended:
          skipLeb();
          skipLeb();
          break;
        case cfa.defCfaOffset:
        case cfa.defCfaOffsetSf:
        case cfa.defCfaRegister:
        case cfa.sameValue:
        case cfa.restoreExtended:
          skipLeb();
          break;
        case cfa.negateState:
          places.push(location - 4n);
          break;
        default:
          return null;
      }
    }
  }
  return places;
}
