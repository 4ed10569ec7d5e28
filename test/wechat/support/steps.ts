type Method = (this: unknown, ...args: never[]) => unknown;

/**
 * Runs something and counts its steps: characters looked at by the string methods and regular expressions that a parser lives on.
 * A clock would say something else on every machine; this says the same everywhere.
 */
export function countSteps(run: () => void): number {
  let steps = 0;
  const undo: (() => void)[] = [];
  const count = (
    owner: object,
    name: string,
    cost: (self: string, args: unknown[], result: unknown) => number,
  ): void => {
    const real = Reflect.get(owner, name) as Method;
    const counted = function (this: unknown, ...args: never[]): unknown {
      const result = real.apply(this, args);
      steps += cost(this as string, args, result);
      return result;
    };
    Object.defineProperty(owner, name, { value: counted, configurable: true, writable: true, enumerable: false });
    undo.push(() =>
      Object.defineProperty(owner, name, { value: real, configurable: true, writable: true, enumerable: false }),
    );
  };

  const text = String.prototype;
  const way = (self: string, [, from]: unknown[], found: unknown): number =>
    ((found as number) < 0 ? self.length : (found as number)) - ((from as number | undefined) ?? 0) + 1;
  count(text, 'indexOf', way);
  for (const name of ['includes', 'trim', 'match', 'replace', 'toLowerCase', 'split'])
    count(text, name, (self) => self.length + 1);
  for (const name of ['slice', 'substring']) count(text, name, (_self, _args, result) => (result as string).length + 1);
  for (const name of ['charCodeAt', 'charAt']) count(text, name, () => 1);
  count(text, 'startsWith', (_self, [what]) => (what as string).length);
  // A sticky expression reads from where it stands, and those used here stop after a few characters.
  const length = (self: unknown, [what]: unknown[]): number => ((self as RegExp).sticky ? 12 : (what as string).length);
  count(RegExp.prototype, 'exec', (self, args) => length(self, args));
  try {
    run();
  } finally {
    for (const restore of undo) restore();
  }
  return steps;
}
