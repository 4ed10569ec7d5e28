import type { IdentityDocument } from '../../people/identity/documents';
import type { Case } from './case';
import { type RemoteDeps, remoteSource } from './remote/remote';
import { storedSource } from './stored';

/** Where cases live: ours, or the back end of an office. */
export type CaseSource = Askable & {
  id: number;
  title: string;
  /** what it said the last time it did answer, where it is not always there to be asked */
  lastKnown?: Askable;
};

export type Askable = {
  /** Undefined alike for a number that is none and for a factor that is not its own. */
  byNumber(number: string, factor: string, signal: AbortSignal): Promise<Case | undefined>;
  /** What a person has applied for, the latest first. */
  ofPerson(document: IdentityDocument, signal: AbortSignal): Promise<Case[]>;
};

export type SourceRow = { id: number; key: string; title: string; adapter: 'stored' | 'remote'; settings: unknown };

export type SourceDeps = RemoteDeps;

/** Those that an account shows: of its organisation and below. A few dozen at most. */
export async function sourcesOf(organisationId: number, deps: SourceDeps): Promise<CaseSource[]> {
  const rows = await deps.db.query<SourceRow>(
    `SELECT s.id, s.key, s.title, s.adapter, s.settings
       FROM organisations top
       JOIN organisations o ON o.path LIKE top.path || '%'
       JOIN case_sources s ON s.organisation_id = o.id
      WHERE top.id = $1 AND s.disabled_at IS NULL ORDER BY s.id`,
    [organisationId],
  );
  return rows.map((row) => (row.adapter === 'remote' ? remoteSource(row, deps) : storedSource(row, deps)));
}
