import { send } from '../../api';
import { isSure } from './sure';
import type { Ticket } from './types';

/**
 * Gives a booking up, once the citizen has said again that they mean it. Undefined where they keep it.
 * @throws ApiError
 */
export async function cancelBooking(id: string): Promise<Ticket | undefined> {
  const words = { yes: '取消预约', no: '保留' };
  const sure = await isSure('取消这个预约？', '取消后号会放给别人，不会记爽约。', words);
  return sure ? send<Ticket>(`/appointments/${id}/cancel`, {}) : undefined;
}
