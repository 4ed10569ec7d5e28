import type { z } from 'zod';
import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import type { whole } from './contract';
import { type Content, hashOf } from './entry';
import { findingsIn } from './findings';
import { show } from './list';
import { reaches, reviewers, seen, writers } from './scope';
import { verdictsOn } from './verdict';

/** One entry with all that whoever writes or reviews it has to know. */
export async function readEntry(id: string, caller: Staff, { db }: ServiceDeps): Promise<z.input<typeof whole>> {
  const entry = await seen(db, id, caller);
  const versions = await db.query<VersionRow>(
    `SELECT v.version, v.question, v.answer, v.aliases, v.basis, v.cleared, v.hash, v.outcome, v.submitted_by AS submitter,
            by.name AS submitted_by, v.submitted_at, reviewer.name AS reviewed_by, v.reviewed_at, v.note
       FROM knowledge_versions v LEFT JOIN staff by ON by.id = v.submitted_by LEFT JOIN staff reviewer ON reviewer.id = v.reviewed_by
      WHERE v.entry_id = $1 ORDER BY v.version DESC LIMIT 50`,
    [id],
  );
  const live = versions.find(({ version }) => version === entry.live_version);
  const own =
    entry.authors.includes(caller.id) ||
    versions.some((one) => one.version === entry.version && one.submitter === caller.id);
  return {
    ...show(entry),
    content: contentOf(entry),
    version: entry.version,
    edit: entry.edit,
    hash: hashOf(entry),
    origin: entry.origin,
    agreed: entry.agreed,
    findings: findingsIn(entry),
    verdicts: await verdictsOn(db, id),
    before: live ? contentOf(live) : null,
    versions: versions.map((one) => ({
      version: one.version,
      hash: one.hash,
      outcome: one.outcome,
      submittedBy: one.submitted_by,
      submittedAt: one.submitted_at.toISOString(),
      reviewedBy: one.reviewed_by,
      reviewedAt: one.reviewed_at?.toISOString() ?? null,
      note: one.note,
    })),
    can: {
      write: reaches(caller, writers, entry.organisation_path),
      review: entry.status === 'submitted' && !own && reaches(caller, reviewers, entry.organisation_path),
    },
  };
}

const contentOf = ({
  question,
  answer,
  aliases,
  basis,
  cleared,
}: Omit<Content, 'basis'> & { basis: Content['basis'] | null }) => ({
  question,
  answer,
  aliases,
  basis,
  cleared,
});

type VersionRow = Content & {
  version: number;
  hash: string;
  outcome: 'approved' | 'returned' | 'void' | null;
  submitter: number | null;
  submitted_by: string | null;
  submitted_at: Date;
  reviewed_by: string | null;
  reviewed_at: Date | null;
  note: string;
};
