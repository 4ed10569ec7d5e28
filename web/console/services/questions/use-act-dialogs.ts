import { type Component, reactive, shallowRef } from 'vue';
import AssignDialog from './AssignDialog.vue';
import JointDialog from './JointDialog.vue';
import ReasonDialog from './ReasonDialog.vue';
import SnoozeDialog from './SnoozeDialog.vue';
import TransferDialog from './TransferDialog.vue';

export type ActDialog = 'transfer' | 'joint' | 'assign' | 'snooze' | 'bounce' | 'pause' | 'extend';

const components: Record<ActDialog, Component> = {
  transfer: TransferDialog,
  joint: JointDialog,
  assign: AssignDialog,
  snooze: SnoozeDialog,
  bounce: ReasonDialog,
  pause: ReasonDialog,
  extend: ReasonDialog,
};

/** The acts that ask something first. */
export function useActDialogs() {
  const dialog = reactive<{ kind: ActDialog; shown: boolean }>({ kind: 'snooze', shown: false });
  const component = shallowRef<Component>();
  return {
    dialog,
    component,
    open(kind: ActDialog): void {
      dialog.kind = kind;
      dialog.shown = true;
      component.value = components[kind];
    },
  };
}
