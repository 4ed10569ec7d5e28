const base = require('./jest.config');

/** @type {import('jest').Config} Tests of the pages in a real browser: `npm run test:browser`. */
module.exports = { ...base, testMatch: ['<rootDir>/test/browser/**/*.browser.ts'], maxWorkers: 1, testTimeout: 60_000 };
