import { z } from 'zod';
import type { Settings } from '../../platform/settings';

const shape = z.object({
  /** questions of one citizen on one day */
  perDay: z.number().int().positive().default(6),
  /** how often departments may send one back before a supervisor decides for good */
  bounces: z.number().int().positive().default(2),
  /** working days by which a deadline may be put off at once */
  extensionDays: z.number().int().positive().default(15),
});

/** The city's own rules, of the setting `questions.limits`; what it does not name has its default. */
export const limitsOf = (settings: Settings) =>
  shape.parse(settings.get<Record<string, unknown>>('questions.limits', {}));
