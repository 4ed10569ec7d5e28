/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '^.+\\.(ts|mjs)$': '@swc/jest' },
  // Packages that are ESM only: jest runs them through swc.
  transformIgnorePatterns: ['/node_modules/(?!(lru-cache|hucre)/)'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  maxWorkers: 2,
  workerIdleMemoryLimit: '1GB',
  // One that holds a gigabyte takes longer than jest's half a second to go on a busy machine, with nothing left open.
  workerGracefulExitTimeout: 10_000,
  testTimeout: 30_000,
};
