import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import type { Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { type Changed, trace, type Who } from './change';
import { type Draft, entryById, entryVector, hashOf } from './entry';
import { findingsIn } from './findings';
import { withoutNumbers } from './redaction';
import { held, reaches, writers } from './scope';

export type Proposal = Pick<Draft, 'question' | 'answer' | 'aliases'> & { organisationId?: number; origin?: string };

/**
 * A new entry, by hand or from a question that was answered. The same question again is the entry that is there.
 * @throws UserError 404 for an organisation or a question that is not the caller's
 */
export async function propose(
  proposal: Proposal,
  who: Who,
  deps: ServiceDeps,
): Promise<{ id: string; fresh: boolean }> {
  const from = proposal.origin === undefined ? undefined : await originOf(proposal.origin, who.caller, deps);
  const text = redacted({ ...proposal, basis: null, cleared: [] });
  return deps.db.transaction(async (tx) => {
    const organisationId = proposal.organisationId ?? from?.organisationId ?? who.caller.organisation.id;
    await mustReach(tx, organisationId, who.caller);
    const [added] = await tx.query<{ id: string }>(
      `INSERT INTO knowledge_entries (organisation_id, status, question, answer, aliases, origin, agreed, authors, changed_at,
                                      changed_by, search)
       VALUES ($1, 'draft', $2, $3, $4, $5, $6, ARRAY[$7::int], $8, $7, $9::tsvector)
       ON CONFLICT (origin) WHERE status <> 'withdrawn' DO NOTHING RETURNING id::text`,
      [
        organisationId,
        text.question,
        text.answer,
        text.aliases,
        proposal.origin ?? null,
        from?.agreed ?? false,
        who.caller.id,
        deps.clock.now(),
        entryVector(text),
      ],
    );
    if (!added) {
      const [there] = await tx.query<{ id: string }>(
        `SELECT id::text FROM knowledge_entries WHERE origin = $1 AND status <> 'withdrawn'`,
        [proposal.origin],
      );
      return { id: there!.id, fresh: false };
    }
    await trace(tx, (await entryById(tx, added.id))!, 'propose', { origin: proposal.origin ?? null }, who, deps);
    return { id: added.id, fresh: true };
  });
}

/** Words changed. An approval or a review under way was of other words, and is void by that. */
export async function edit(id: string, draft: Draft & { edit: number }, who: Who, deps: ServiceDeps): Promise<Changed> {
  return deps.db.transaction(async (tx) => {
    const entry = await held(tx, id, who.caller, writers);
    if (entry.edit !== draft.edit)
      throw new UserError(409, 'moved', `${entry.changed_by ?? '别人'}刚改过这条问答，请刷新后再改`);
    if (draft.basis === 'agreed' && !entry.agreed) throw notAgreed();
    const text = redacted(draft);
    const submitted = entry.status === 'submitted' || entry.status === 'returned' || entry.status === 'published';
    await tx.query(
      `UPDATE knowledge_versions SET outcome = 'void' WHERE entry_id = $1 AND version = $2 AND outcome IS NULL`,
      [id, entry.version],
    );
    // A version that somebody has seen keeps its number and its words; what is changed now is the next one.
    const next = submitted || entry.status === 'withdrawn' ? entry.version + 1 : entry.version;
    const authors = entry.status === 'published' ? [who.caller.id] : [...new Set([...entry.authors, who.caller.id])];
    await tx.query(
      `UPDATE knowledge_entries SET status = 'draft', version = $2, edit = edit + 1, question = $3, answer = $4, aliases = $5,
              basis = $6, cleared = $7, authors = $8, changed_at = $9, changed_by = $10, search = $11::tsvector
        WHERE id = $1`,
      [
        id,
        next,
        text.question,
        text.answer,
        text.aliases,
        text.basis,
        text.cleared,
        authors,
        deps.clock.now(),
        who.caller.id,
        entryVector(text),
      ],
    );
    await trace(tx, entry, 'edit', { version: next }, who, deps);
    return { done: true, edit: entry.edit + 1, status: 'draft' };
  });
}

/** For review, as it stands now. @throws UserError 422 while something that looks personal was not looked at */
export async function submit(id: string, seen: number, who: Who, deps: ServiceDeps): Promise<Changed> {
  return deps.db.transaction(async (tx) => {
    const entry = await held(tx, id, who.caller, writers);
    if (entry.status !== 'draft') throw new UserError(409, 'not-a-draft', '只有草稿能提交审核，这条已经不是草稿了');
    if (entry.edit !== seen) throw new UserError(409, 'moved', '这条问答刚被改过，请刷新看过以后再提交');
    const left = findingsIn(entry).filter(({ cleared }) => !cleared);
    if (left.length > 0)
      throw new UserError(422, 'personal', `有 ${left.length} 处疑似个人信息还没有处理：请隐去，或确认不是个人信息`, {
        [left[0]!.field]: [...new Set(left.map(({ title }) => title))].join('、'),
      });
    if (entry.basis === null)
      throw new UserError(422, 'no-basis', '请选择可以公开的理由', { basis: '市民同意公开，或已改写成一般问题' });
    if (entry.basis === 'agreed' && !entry.agreed) throw notAgreed();
    const at = deps.clock.now();
    await tx.query(
      `INSERT INTO knowledge_versions (entry_id, version, question, answer, aliases, basis, cleared, hash, authors, submitted_by,
                                       submitted_at)
       SELECT id, version, question, answer, aliases, basis, cleared, $2, authors, $3, $4 FROM knowledge_entries WHERE id = $1`,
      [id, hashOf(entry), who.caller.id, at],
    );
    await tx.query(
      `UPDATE knowledge_entries SET status = 'submitted', edit = edit + 1, changed_at = $2, changed_by = $3 WHERE id = $1`,
      [id, at, who.caller.id],
    );
    await trace(tx, entry, 'submit', { version: entry.version, hash: hashOf(entry) }, who, deps);
    return { done: true, edit: entry.edit + 1, status: 'submitted' };
  });
}

const notAgreed = () =>
  new UserError(422, 'not-agreed', '市民没有同意公开：请改写成不涉及任何个人的一般问题', {
    basis: '应为「已改写成一般问题」',
  });

async function originOf(reference: string, caller: Staff, deps: ServiceDeps) {
  for (const origin of deps.contributed.origin) {
    const found = await origin(reference, caller, deps);
    if (found) return found;
  }
  throw notFound('这个提问');
}

async function mustReach(tx: Tx, organisationId: number, caller: Staff): Promise<void> {
  const [row] = await tx.query<{ path: string }>('SELECT path FROM organisations WHERE id = $1', [organisationId]);
  if (!row || !reaches(caller, writers, row.path)) throw notFound('这个单位');
}

function redacted(draft: Draft): Draft {
  const clean = (text: string) => withoutNumbers(text.replaceAll('\u0000', '').toWellFormed());
  return {
    ...draft,
    question: clean(draft.question),
    answer: clean(draft.answer),
    aliases: draft.aliases.map(clean),
    cleared: draft.cleared.map(clean),
  };
}
