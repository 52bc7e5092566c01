/** A value that a prediction needs: known, or not with the reason. */
export type Known<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly reason: string };

export function known<T>(value: T): Known<T> {
  return { known: true, value };
}

export function unknown(reason: string): { readonly known: false; readonly reason: string } {
  return { known: false, reason };
}

/** Kernel variables of a booted machine, by the kernel's own names. */
export interface RuntimeValues {
  /** Unsigned 64-bit value of a variable, or why it is not known. */
  get(variable: string): Known<bigint>;
  /** Notes on values that the state does not give but that follow from others. */
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

/**
 * The variables of a state's member `runtime`: hexadecimal or decimal text, negative ones as 64-bit two's complement.
 * `linkBase` is the link address of `_text`, `null` where the image does not tell. When `kaslr_slide` is not given,
 * `kimage_voffset` can show that it is 0: a random slide is far larger than any physical address the image could then
 * have. Never throws; what cannot be read is in `problems` and unknown.
 */
export function runtimeValues(
  given: Readonly<Record<string, string>> | undefined,
  linkBase: bigint | null,
): RuntimeValues {
  const values = new Map<string, bigint>();
  const problems: string[] = [];
  const notes: string[] = [];
  for (const [name, text] of Object.entries(given ?? {})) {
    const value = readNumber(text);
    if (value === null) problems.push(`runtime.${name}: "${text}" is no number (write 0x… or decimal)`);
    else values.set(name, value);
  }
  const slide = slideFromOffset(values, linkBase);
  if (slide !== null) {
    values.set('kaslr_slide', slide);
    notes.push('kaslr_slide is not given; kimage_voffset shows that the kernel runs at its link address');
  }
  const lsb = values.get('tag_lsb');
  // Both are set together: arch/arm64/kvm/va_layout.c:kvm_compute_layout, v6.12.
  if (lsb !== undefined && lsb <= 63n && !values.has('va_mask')) values.set('va_mask', (1n << lsb) - 1n);
  return {
    get: (variable) => {
      const value = values.get(variable);
      return value === undefined ? unknown(`the state does not give ${variable}`) : known(value);
    },
    notes,
    problems,
  };
}

/**
 * The physical address of `_text` is its address minus kimage_voffset. At slide 0 that comes out as it is; a random
 * slide is at least an eighth (6.1) or nearly an eighth (6.12) of the kernel half that the image was linked into, and
 * would make it negative. Half of that is the limit here.
 * Source: arch/arm64/kernel/pi/kaslr_early.c:kaslr_early_init, v6.1 and v6.12.
 */
function slideFromOffset(values: ReadonlyMap<string, bigint>, linkBase: bigint | null): bigint | null {
  const offset = values.get('kimage_voffset');
  if (linkBase === null || offset === undefined || values.has('kaslr_slide')) return null;
  const physical = BigInt.asUintN(64, linkBase - offset);
  const limit = BigInt.asUintN(64, -linkBase) >> 3n;
  // The slide's low 21 bits are those of the physical address.
  const aligned = (physical & 0x1fffffn) === 0n;
  return aligned && physical < limit ? 0n : null;
}

function readNumber(text: string): bigint | null {
  const trimmed = text.trim();
  const match = /^(-?)(0[xX][0-9a-fA-F]+|[0-9]+)$/.exec(trimmed);
  if (!match?.[2]) return null;
  const value = BigInt(match[2]);
  return BigInt.asUintN(64, match[1] === '-' ? -value : value);
}
