import { encodeB } from '../../isa/branchWords.ts';
import type { ImageKey, JumpEntry } from '../jumpTable.ts';
import type { KernelImage } from '../kernelImage.ts';
import { nopWord } from './insnWords.ts';
import type { KeyStates } from './keyStates.ts';
import { keepsDistance } from './objectReplacement.ts';
import type { TextChanges } from './textChanges.ts';

/** Where a site of the kernel's own text lies: that decides whether and until when it is patched. */
export type TextPlace = 'text' | 'init' | 'never';

/**
 * Puts `nop` or `b` at the sites of the keys that the state names, as the key's value and the entry's branch bit say.
 * Sites in init text follow the value the key had when that text was about to be freed; those in exit text of the
 * kernel itself are never patched. `object` is an image that is not linked yet. Source: kernel/jump_label.c:jump_label_type and jump_label_can_update,
 * arch/arm64/kernel/jump_label.c, v6.1 and v6.12.
 */
export function applyJumps(
  text: TextChanges,
  jumps: readonly JumpEntry[],
  keys: ReadonlyMap<bigint, ImageKey>,
  states: KeyStates,
  placeOf: (address: bigint) => TextPlace,
  object: KernelImage | null = null,
): void {
  for (const jump of jumps) {
    const place = placeOf(jump.code);
    if (place === 'never') continue;
    const on = place === 'init' ? states.onBeforeInitIsFreed(jump.key) : states.on(jump.key);
    if (on === null) continue;
    const detail = keys.get(jump.key)?.name ?? `0x${jump.key.toString(16)}`;
    if (!on.known) {
      text.writeUnknown(jump.code, 'jump', detail, on.reason);
      continue;
    }
    const word = jumpWord(jump, on.value);
    if (object !== null && word !== nopWord && !keepsDistance(object, jump.code, jump.target)) {
      const reason = 'the branch goes into another section of the object';
      text.writeUnknown(jump.code, 'jump', detail, reason);
      continue;
    }
    if (word === null)
      text.writeUnknown(jump.code, 'jump', detail, 'the branch does not reach: the kernel stops in BUG()');
    else text.write(jump.code, word, 'jump', detail);
  }
}

/** The word at a jump site while its key is on or off; `null` when the target is out of reach of `b`. */
export function jumpWord(jump: Pick<JumpEntry, 'code' | 'target' | 'branch'>, keyOn: boolean): number | null {
  return keyOn === (jump.branch === 1) ? nopWord : encodeB(jump.target - jump.code);
}
