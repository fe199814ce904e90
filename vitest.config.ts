import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A file of what is expected that is not there is a failure here, as it is in CI.
    update: 'none',
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
