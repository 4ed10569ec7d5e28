import { z } from 'zod';

const line = z.string().trim().min(1).max(300);
const key = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);

const material = z.strictObject({ name: line, note: line.optional(), copies: z.int().positive().optional() });
const place = z.strictObject({ name: line, address: line, phone: line.optional(), hours: line.optional() });

/** A matter (事项): everything that a citizen must know before setting out. */
export const matter = z.strictObject({
  key,
  title: z.string().trim().min(1).max(40),
  organisation: line,
  office: line,
  officeKey: key,
  /** rank among the matters that most people ask for */
  hot: z.int().positive().optional(),
  /** how citizens put it */
  aliases: z.array(line).default([]),
  summary: line,
  materials: z.array(material),
  where: z.array(place).min(1),
  hours: line,
  who: line,
  fee: line,
  duration: line,
  steps: z.array(line).min(1),
  online: line.optional(),
  notes: z.array(line).default([]),
  tags: z.array(line).default([]),
  updated: z.iso.date(),
});
export type Matter = z.infer<typeof matter>;

/** One file holds one office; what its matters have in common stands in `defaults`. */
export const matterFile = z.strictObject({
  defaults: z.record(z.string(), z.unknown()).default({}),
  matters: z.array(z.record(z.string(), z.unknown())).min(1),
});

/** A common question; `matter` is the guide that says more. */
export const faqEntry = z.strictObject({
  question: z.string().trim().min(1).max(60),
  answer: line,
  matter: key.optional(),
});
export type FaqEntry = z.infer<typeof faqEntry>;

export type Office = { key: string; title: string; organisation: string };
