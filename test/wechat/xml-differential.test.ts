import type { FieldValue } from '../../src/dialogue/message';
import { parseWithXml2js, parseXml, XmlError } from '../../src/wechat/xml';
import { scanXml } from '../../src/wechat/xml-scan';
import { type Made, makeBody, mutate } from './support/bodies';
import { seeded } from './support/random';

/** The tree as text, or that it was refused. Anything thrown but an XmlError is a crash and fails the test. */
function outcome(parse: (body: string) => FieldValue, body: string): string {
  try {
    const tree = parse(body);
    if (!bare(tree)) return `a prototype in ${JSON.stringify(tree)}`;
    return JSON.stringify(tree);
  } catch (fault) {
    if (fault instanceof XmlError) return 'refused';
    throw new Error(`crash on ${JSON.stringify(body)}`, { cause: fault });
  }
}

/** No object of the tree has a prototype to be read through or written to. */
function bare(tree: FieldValue): boolean {
  if (typeof tree === 'string') return true;
  if (Array.isArray(tree)) return tree.every(bare);
  return Object.getPrototypeOf(tree) === null && Object.values(tree).every(bare);
}

const made = (seed: number, many: number): Made[] => {
  const random = seeded(seed);
  return Array.from({ length: many }, () => makeBody(random));
};

describe('scanner and xml2js', () => {
  const builtIns = Object.getOwnPropertyNames(Object.prototype).sort().join();

  const { stackTraceLimit } = Error;

  // Tens of thousands of refusals: their stacks would take most of the time, and nobody reads them.
  beforeAll(() => {
    Error.stackTraceLimit = 0;
  });

  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
    expect(Object.getOwnPropertyNames(Object.prototype).sort().join()).toBe(builtIns);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('25,000 bodies of the grammar give the tree they were made of, from both', () => {
    let scanned = 0;
    for (const { xml, expected } of made(1, 25_000)) {
      const wanted = JSON.stringify(expected);
      const got = [outcome(parseXml, xml), outcome(parseWithXml2js, xml)];
      if (got[0] !== wanted || got[1] !== wanted)
        throw new Error(`${JSON.stringify(xml)}\nwanted ${wanted}\ngot ${got.join('\nand ')}`);
      if (scanXml(xml)) scanned++;
    }
    // Else the comparison would be one of xml2js with itself.
    expect(scanned).toBeGreaterThan(9_000);
  });

  test('80,000 mutilated bodies: the same tree from both, or both refuse', () => {
    const random = seeded(7);
    const counts = { taken: 0, scanned: 0, refused: 0 };
    for (const { xml } of made(42, 80_000)) {
      const body = mutate(random, xml);
      const ours = outcome(parseXml, body);
      // What the scanner leaves is the full parser's already: no second run of the same.
      const scanned = scanXml(body) !== undefined;
      const theirs = scanned ? outcome(parseWithXml2js, body) : ours;
      if (ours !== theirs) throw new Error(`${JSON.stringify(body)}\nours ${ours}\ntheirs ${theirs}`);
      counts[ours === 'refused' ? 'refused' : scanned ? 'scanned' : 'taken']++;
    }
    expect(counts.refused).toBeGreaterThan(20_000);
    expect(counts.scanned).toBeGreaterThan(3_000);
    expect(counts.taken).toBeGreaterThan(2_000);
  });
});
