/** What a person at the terminal reads while start-up works: short lines in their own language. */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** A fault that one line tells the person how to mend; printed without a stack. */
export class Refusal extends Error {
  name = 'Refusal';
}

/** @throws {Refusal} when this Node cannot run the project */
export function checkNodeVersion(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Refusal(`需要 Node.js 20.19 或更高版本，现在是 ${version}：请到 https://nodejs.org 安装新的 LTS 版本`);
}
