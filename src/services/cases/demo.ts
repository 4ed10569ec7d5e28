import type { ServiceDeps } from '../../dialogue/service';
import { checkCharacter, type IdentityDocument } from '../../people/identity/documents';
import { type Reported, storeCases } from './store';

const sources = [
  { key: 'demo-police', title: '示例市公安局', organisation: 'police' },
  { key: 'demo-hospital', title: '示例市第一医院', organisation: 'hospital-first' },
];

const day = 24 * 3600_000;

/** Openly made up: a region that is none, and the same birthday for all. */
const applicant: IdentityDocument = { kind: 'id-card', number: ofNumber('99000019900101001') };
function ofNumber(first17: string): string {
  return first17 + checkCharacter(first17);
}

type Told = [
  source: string,
  number: string,
  kind: string,
  code: string,
  steps: [state: string, daysAgo: number, note?: string][],
];

const told: Told[] = [
  [
    'demo-police',
    'SF20260001',
    'id-card',
    '246810',
    [
      ['accepted', 9],
      ['making', 5],
      ['ready', 1, '领证窗口：3 号'],
    ],
  ],
  [
    'demo-police',
    'HZ20260002',
    'passport',
    '135790',
    [
      ['accepted', 3],
      ['approved', 1],
    ],
  ],
  [
    'demo-police',
    'CL20260003',
    'vehicle',
    '112233',
    [
      ['accepted', 2],
      ['checking', 1],
    ],
  ],
  [
    'demo-police',
    'HK20260004',
    'household-move',
    '445566',
    [
      ['accepted', 30],
      ['permitted', 12],
    ],
  ],
  [
    'demo-hospital',
    'BG20260005',
    'medical-report',
    '778899',
    [
      ['ordered', 1],
      ['examined', 0.5],
    ],
  ],
  [
    'demo-hospital',
    'YB20260006',
    'insurance-claim',
    '102030',
    [
      ['accepted', 20],
      ['reviewing', 12],
      ['approved', 2],
    ],
  ],
];

/** Loaded once, so that what a visitor has changed stays changed. Look one up with its number and its code. */
export async function loadDemo(deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const now = deps.clock.now();
    const [first] = await tx.query(
      `INSERT INTO settings (key, value, updated_at) VALUES ('cases.demo-loaded', 'true', $1) ON CONFLICT DO NOTHING RETURNING key`,
      [now],
    );
    if (!first) return;
    for (const { key, title, organisation } of sources) {
      const [made] = await tx.query<{ id: number }>(
        `INSERT INTO case_sources (key, title, organisation_id, adapter, created_at)
         SELECT $1, $2, id, 'stored', $4 FROM organisations WHERE key = $3 RETURNING id`,
        [key, title, organisation, now],
      );
      if (made)
        await storeCases(
          tx,
          made.id,
          told.filter(([source]) => source === key).flatMap((one) => reported(one, now)),
          deps,
        );
    }
  });
}

const reported = ([, number, kind, code, steps]: Told, now: Date): Reported[] =>
  steps.map(([state, daysAgo, note]) => ({
    number,
    kind,
    state,
    note,
    code,
    document: applicant,
    at: new Date(now.getTime() - daysAgo * day),
    place: '办事大厅 1 层',
  }));
