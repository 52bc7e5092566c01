import type { CliIo } from './command.ts';

export interface ProgressBar {
  readonly step: (done: number, label: string) => void;
  /** Removes the bar. */
  readonly finish: () => void;
}

const appearsAfterMs = 1000;
const redrawMs = 100;
const widthCells = 24;

/** A bar on standard error that appears after a second of work, and only on a terminal. */
export function createProgressBar(total: number, io: CliIo): ProgressBar {
  const startedMs = io.nowMs();
  let drawnMs = 0;
  let shown = false;
  return {
    step: (done, label) => {
      const now = io.nowMs();
      if (!io.errIsTerminal || now - startedMs < appearsAfterMs || now - drawnMs < redrawMs) return;
      drawnMs = now;
      shown = true;
      const filled = Math.round((done / Math.max(1, total)) * widthCells);
      const bar = '#'.repeat(filled) + '.'.repeat(widthCells - filled);
      io.err(`\r\x1b[2K[${bar}] ${done}/${total} ${label.slice(-48)}`);
    },
    finish: () => {
      if (shown) io.err('\r\x1b[2K');
    },
  };
}
