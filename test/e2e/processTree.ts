import { readdirSync, readFileSync } from 'node:fs';

const patienceMs = 3000;

/** Ends a process and all that it started (Linux): politely first. */
export async function endTree(root: number): Promise<void> {
  const tree = new Set([root]);
  const table = processTable();
  for (let size = 0; size !== tree.size; ) {
    size = tree.size;
    for (const [pid, { parent }] of table) if (tree.has(parent)) tree.add(pid);
  }
  const alive = (): readonly number[] => {
    const now = processTable();
    return [...tree].filter((pid) => now.get(pid)?.ended === false);
  };
  signal(alive(), 'SIGTERM');
  const end = Date.now() + patienceMs;
  while (alive().length > 0 && Date.now() < end) await new Promise((resume) => setTimeout(resume, 100));
  signal(alive(), 'SIGKILL');
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      // Gone since the table was read.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

interface ProcessRow {
  readonly parent: number;
  readonly ended: boolean;
}

/** Every process by its number, from /proc/PID/stat. */
function processTable(): ReadonlyMap<number, ProcessRow> {
  const table = new Map<number, ProcessRow>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // "pid (name) state parent ...": the name may hold anything, so cut behind its last parenthesis.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      table.set(Number(name), { parent: Number(parent), ended: state === 'Z' });
    } catch (error) {
      // Ended while the table was read.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
  return table;
}
