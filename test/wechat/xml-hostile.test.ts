import type { FieldValue } from '../../src/dialogue/message';
import { parseEnvelope, parseXml, XmlError } from '../../src/wechat/xml';
import { MAX_ELEMENTS } from '../../src/wechat/xml-text';
import { countSteps } from './support/steps';

const MEGABYTE = 1 << 20;
const fill = (unit: string, left = MEGABYTE): string => unit.repeat(Math.ceil(left / unit.length));
const inside = (what: string): string => `<xml><A>${what}</A></xml>`;

/** Elements of the tree: what memory it can take. */
const size = (tree: FieldValue): number =>
  typeof tree === 'string' ? 1 : Object.values(tree).reduce((sum: number, one) => sum + size(one), 1);

const hostile: [string, string][] = [
  ['deep nesting', fill('<a>')],
  ['deep nesting inside the root', `<xml>${fill('<b>')}`],
  ['deep nesting, closed', `<xml>${'<b>'.repeat(150_000)}${'</b>'.repeat(150_000)}</xml>`],
  ['many elements', `<xml>${fill('<a/>')}</xml>`],
  [
    'many elements with names of their own',
    `<xml>${Array.from({ length: 60_000 }, (_, i) => `<n${i}>x</n${i}>`).join('')}</xml>`,
  ],
  ['closing tags alone', fill('</a>')],
  ['CDATA never closed', `<xml><A><![CDATA[${fill('x')}`],
  ['CDATA opened again and again', inside(fill('<![CDATA['))],
  ['sections of nothing', inside(fill('<![CDATA[]]>'))],
  ['sections of one character and white space', inside(fill('<![CDATA[x]]>\n '))],
  ['ends of CDATA that are none', inside(`<![CDATA[${fill(']]')}]]>`)],
  ['CDATA ending in nothing but brackets', `<xml><A><![CDATA[${fill(']')}`],
  ['nothing but <', fill('<')],
  ['< and blank', fill('< ')],
  ['< and exclamation mark', fill('<!')],
  ['a declaration without end', `<xml><!${fill('a')}`],
  ['declarations', inside(fill('<!a>'))],
  ['a DOCTYPE full of entities', `<!DOCTYPE x [${fill('<!ENTITY a "&b;&b;">')}]><xml/>`],
  ['comments without end', `<xml>${fill('<!--')}`],
  ['comments', `<xml>${fill('<!-- -->')}</xml>`],
  ['dashes', `<xml><!--${fill('-')}`],
  ['processing instructions without end', fill('<?a ')],
  ['processing instructions', `<xml>${fill('<?a?>')}</xml>`],
  ['entities', inside(fill('&amp;'))],
  ['numbers of characters', inside(fill('&#20320;'))],
  ['entities behind a comment', `<xml><A><!-- -->${fill('&lt;')}</A></xml>`],
  ['ampersands', inside(fill('&'))],
  ['ampersands in CDATA behind a comment', `<xml><!-- -->${inside(fill('<![CDATA[&]]>')).slice(5)}`],
  ['an entity without end', inside(`&${fill('a')}`)],
  ['a number without end', inside(`&#${fill('1')};`)],
  ['white space', fill(' \n')],
  ['white space inside', inside(fill(' \n'))],
  ['white space between runs of text', inside(fill('a<!-- --> '))],
  ['a name without end', `<xml><${fill('a')}`],
  ['a long name', `<xml><${'a'.repeat(500_000)}></${'a'.repeat(500_000)}></xml>`],
  ['attributes', `<xml ${fill('a="b" ')}/>`],
  ['an attribute without end', `<xml a="${fill('b')}`],
  ['quotes', `<xml ${fill('"')}`],
  ['one long text', inside(fill('办'))],
  ['one long text beside an element', `<xml><A>${fill('办')}<b/></A></xml>`],
];

describe('a megabyte of', () => {
  test.each(hostile)('%s', (_what, body) => {
    const outcomes: (FieldValue | undefined)[] = [];
    for (const parse of [parseXml, (text: string) => parseEnvelope(text) as FieldValue]) {
      const steps = countSteps(() => {
        try {
          outcomes.push(parse(body));
        } catch (fault) {
          if (!(fault instanceof XmlError)) throw fault;
          outcomes.push(undefined);
        }
      });
      expect(steps).toBeLessThan(16 * body.length);
    }
    for (const tree of outcomes) if (tree !== undefined) expect(size(tree)).toBeLessThanOrEqual(MAX_ELEMENTS);
  });
});
