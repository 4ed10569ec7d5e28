import { z } from 'zod';
import { type Relation, relations } from '../people/identity/bindings';
import { documentKinds } from '../people/identity/documents';

export const relation = z.enum(Object.keys(relations) as [Relation, ...Relation[]]);
export const id = z.string().regex(/^\d{1,18}$/, '编号有误');
export const version = z.string().min(1).max(64);
export const done = z.object({ done: z.literal(true) });
export const shownPersonContract = z.object({
  id: z.string(),
  relation,
  name: z.string().describe('已打码'),
  phone: z.string().describe('已打码'),
  documentKind: z.enum(Object.keys(documentKinds) as [keyof typeof documentKinds]),
  document: z.string().describe('已打码'),
});
