import type { ServiceDeps } from '../../dialogue/service';
import { admit as admitOne } from '../../platform/limits';

/** A mobile network puts many phones behind one address, and each open page looks again every 20 seconds; who tries out links needs far more. */
const pages = { name: 'questions-page', points: 600, seconds: 60 };
/** Of one citizen, whose phone shows up to 30 pictures at once but sends one after another. */
const uploads = { name: 'questions-upload', points: 40, seconds: 600 };

/** @throws UserError 429 */
export const admit = (address: string, { cache }: Pick<ServiceDeps, 'cache'>): Promise<void> =>
  admitOne(pages, address, cache);

/** @throws UserError 429 */
export const admitUpload = (owner: string, { cache }: Pick<ServiceDeps, 'cache'>): Promise<void> =>
  admitOne(uploads, owner, cache);
