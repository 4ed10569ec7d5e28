import { z } from 'zod';
import { findStaff, type Staff, type StaffRole } from '../../people/staff';
import { type AuditAction, recordAudit } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { fileOutput } from '../../platform/http/file-answer';
import { addJob } from '../../platform/jobs';
import {
  askForSheet,
  dropExpiredSheets,
  type Held,
  sheetFile,
  sheetsOf,
  xlsxType,
} from '../../platform/sheets/exports';
import { makeSheets, type Tables } from '../../platform/sheets/make';
import { staffRoute as route, type Service, type ServiceDeps } from '../service';
import { departmentFor, departmentsFor } from './departments';
import { asked, checkPeriod } from './period';

/** Which tables of a service's figures can be had as files, and by whom. */
export type Exports = {
  /** the service's key and title */
  service: string;
  title: string;
  readers: readonly [StaffRole, ...StaffRole[]];
  /** each with what its file is called; a table of that name has to be there, see `exportJobs` */
  kinds: Record<string, string>;
  /** in the audit trail */
  action: AuditAction;
};

const exported = z.object({
  id: z.string(),
  fileName: z.string(),
  status: z.enum(['waiting', 'running', 'done', 'failed']),
  done: z.number().describe('写了几行'),
  total: z.number().nullable(),
  askedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

/** Where one may look, and the files: asking for one, how far each is, and fetching it. */
export const exportRoutes = (of: Exports) => [
  route({
    method: 'get',
    path: '/figures/departments',
    summary: `${of.title}统计：可以看的部门`,
    role: of.readers,
    output: z.object({ items: z.array(z.object({ id: z.number(), title: z.string(), depth: z.number() })) }),
    handler: async ({ caller }, { db }) => ({ items: await departmentsFor(db, caller, of.readers) }),
  }),
  route({
    method: 'post',
    path: '/exports',
    summary: `${of.title}：导出 XLSX（${Object.values(of.kinds).join('、')}）；做好后一天内可下载`,
    role: of.readers,
    body: z.strictObject({ kind: z.enum(Object.keys(of.kinds)), ...asked }),
    output: z.object({ id: z.string() }),
    status: 202,
    handler: ({ body, caller, address }, deps) =>
      deps.db.transaction(async (tx) => ({ id: await order(tx, of, { ...body, caller, address }, deps) })),
  }),
  route({
    method: 'get',
    path: '/exports',
    summary: `${of.title}：我导出的文件和进度`,
    role: of.readers,
    output: z.object({ items: z.array(exported) }),
    handler: async ({ caller }, deps) => ({
      items: (await sheetsOf(deps.db, heldBy(caller, of), deps)).map(({ kind: _kind, askedAt, expiresAt, ...one }) => ({
        ...one,
        askedAt: askedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      })),
    }),
  }),
  route({
    method: 'get',
    path: '/exports/:id',
    summary: `${of.title}：下载导出的文件，只有导出的人能下载`,
    role: of.readers,
    params: z.object({ id: z.string().max(100) }),
    output: fileOutput(xlsxType),
    handler: ({ params, caller }, deps) => sheetFile(params.id, heldBy(caller, of), deps),
  }),
];

const jobOf = (service: string) => `${service}.sheets`;
const ownerOf = (caller: Staff) => `staff:${caller.id}`;
const heldBy = (caller: Staff, { service, kinds }: Exports): Held => ({
  owner: ownerOf(caller),
  kinds: Object.keys(kinds).map((kind) => `${service}.${kind}`),
});

type Order = { kind: string; organisation: number; from: string; to: string; caller: Staff; address: string };

async function order(tx: Tx, of: Exports, { kind, caller, address, ...what }: Order, deps: ServiceDeps) {
  checkPeriod(what);
  const department = await departmentFor(tx, what.organisation, caller, of.readers);
  const title = of.kinds[kind]!;
  const id = await askForSheet(
    tx,
    {
      owner: ownerOf(caller),
      kind: `${of.service}.${kind}`,
      parameters: { ...what, staffId: caller.id },
      fileName: `${department.title}-${title}-${what.from}至${what.to}.xlsx`,
      path: department.path,
      roles: of.readers,
    },
    deps,
  );
  await recordAudit(tx, {
    at: deps.clock.now(),
    staffId: caller.id,
    organisationId: department.id,
    action: of.action,
    subject: `organisation:${department.id}`,
    detail: { kind: title, from: what.from, to: what.to },
    address,
  });
  await addJob(tx, jobOf(of.service), {}, {});
  return id;
}

const parameters = z.object({ organisation: z.number(), from: z.iso.date(), to: z.iso.date(), staffId: z.number() });

/** What a file is asked to be about; what the asker may see is decided anew when it is made. @throws Error for who may not any more */
export async function askedFor(given: Record<string, unknown>, readers: readonly StaffRole[], deps: ServiceDeps) {
  const { organisation, staffId, ...period } = parameters.parse(given);
  const found = await findStaff(deps.db, { id: staffId });
  if (!found) throw new Error(`staff ${staffId} is gone`);
  const department = await departmentFor(deps.db, organisation, found.staff, readers);
  return { department, period, caller: found.staff };
}

/** Makes the files of one service: `tables` by `<service>.<kind>`. */
export const exportJobs = (service: string, tables: Tables, deps: ServiceDeps) =>
  ({
    handlers: { [jobOf(service)]: () => makeSheets(tables, deps) },
    sweeps: [
      // Also what a process has left half done.
      { name: `${service}.sheets`, seconds: 60, run: () => makeSheets(tables, deps) },
      { name: `${service}.sheets-expired`, seconds: 3600, run: () => dropExpiredSheets(deps) },
    ],
  }) satisfies ReturnType<NonNullable<Service['jobs']>>;
