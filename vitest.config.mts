import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** On two cores the runner would leave one idle. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

/** Levels of tests. `unit` needs nothing; `oracle` and `e2e` say so and skip what is not installed. */
const levels = [
  {
    name: 'unit',
    include: ['test/**/*.test.ts'],
    exclude: ['test/{oracle,lsp,cli,client,e2e,tidy}/**'],
    // Fuzz tests take seconds, on a busy machine several times as long.
    testTimeout: 60_000,
  },
  { name: 'tidy', include: ['test/tidy/**/*.test.ts'], testTimeout: 60_000 },
  // Against the built bundles in dist/.
  { name: 'lsp', include: ['test/{lsp,cli,client}/**/*.test.ts'], testTimeout: 30_000 },
  { name: 'oracle', include: ['test/oracle/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000 },
  // A helper waits up to 20 s and then says what it saw; the runner's timeout must not come first.
  {
    name: 'e2e',
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    // The window of a busy machine now and then loses a key or a click; a defect fails twice.
    retry: 1,
  },
];

export default defineConfig(({ mode }) => ({
  test: {
    projects:
      mode === 'bench'
        ? [
            {
              test: {
                name: 'bench',
                include: ['test/bench/**/*.bench.ts'],
                testTimeout: 900_000,
                hookTimeout: 900_000,
                fileParallelism: false,
              },
            },
          ]
        : levels.map((level) => ({ test: level.name === 'e2e' ? level : { ...level, maxWorkers } })),
  },
}));
