/** A fault at start that its message, one line, tells the person how to mend. Printed without a stack; exit code 1. */
export class StartupError extends Error {
  override name = 'StartupError';
}
