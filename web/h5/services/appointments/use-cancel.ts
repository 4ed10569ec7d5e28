import { showConfirmDialog } from 'vant';
import 'vant/es/dialog/style';
import { send } from '../../api';
import type { Ticket } from './types';

/**
 * Gives a booking up, once the citizen has said again that they mean it. Undefined where they keep it.
 * @throws ApiError
 */
export async function cancelBooking(id: string): Promise<Ticket | undefined> {
  const sure = await showConfirmDialog({
    title: '取消这个预约？',
    message: '取消后号会放给别人，不会记爽约。',
    confirmButtonText: '取消预约',
    cancelButtonText: '保留',
  }).catch(() => '');
  return sure === 'confirm' ? send<Ticket>(`/appointments/${id}/cancel`, {}) : undefined;
}
