import type { Tx } from './database';

export type AuditAction = `${string}.${string}`;

export type AuditEntry = {
  at: Date;
  staffId: number | null;
  /** whose affair it is: decides which auditors see it */
  organisationId: number | null;
  /** what was done, `account.rotate`; the console has a title for each */
  action: AuditAction;
  /** what it was done to, `account:demo` */
  subject: string;
  /** never secrets or personal data in the clear */
  detail?: Record<string, unknown>;
  address?: string;
};

/** One line of the audit trail. It takes a transaction, not a connection: an act and its trace commit together or not at all. */
export async function recordAudit(tx: Tx, entry: AuditEntry): Promise<void> {
  await tx.query(
    `INSERT INTO audit (at, staff_id, organisation_id, action, subject, detail, address)
     VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7)`,
    [
      entry.at,
      entry.staffId,
      entry.organisationId,
      entry.action,
      entry.subject,
      JSON.stringify(entry.detail ?? {}),
      entry.address ?? null,
    ],
  );
}
