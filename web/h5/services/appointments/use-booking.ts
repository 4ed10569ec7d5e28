import { ref } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { randomName } from '../../../shared/random-name';
import { ApiError, read, remove, send } from '../../api';
import type { Person, Persons } from '../../me/types';
import type { Booking, Queued } from './types';

/** Whom to choose from, while the citizen is asked; what happens when they have chosen. */
export type Choice = { persons: Person[]; choose: (person: Person) => void };

/** From a time that was tapped to a place that is held: who it is for, then the place. */
export function useBooking() {
  const route = useRoute();
  const router = useRouter();
  const persons = ref<Choice>();
  /** Tells how the citizen decides on what a hospital must be allowed first, while they are asked. */
  const consent = ref<(agreed: boolean) => void>();
  const busy = ref(false);
  const told = ref('');
  /** where the citizen stands while they wait in line */
  const line = ref<Queued>();
  let person: Person | undefined;
  // One for each time, so that a tap sent twice holds one place.
  const keys = new Map<string, string>();

  /** Asks whom it is for where there is a choice, and goes to the registration where nobody is known yet. */
  async function askFor(then: () => Promise<void>, isKnown = false): Promise<void> {
    told.value = '';
    if (isKnown) return then();
    busy.value = true;
    try {
      const { items } = await read<Persons>('/persons');
      if (items.length === 0) await router.push({ path: '/me/persons/new', query: { back: route.fullPath } });
      else if (items.length === 1) await choose(items[0]!, then);
      else persons.value = { persons: items, choose: (one) => void choose(one, then) };
    } catch (error) {
      told.value = wordsOf(error);
    } finally {
      busy.value = false;
    }
  }

  async function choose(one: Person, then: () => Promise<void>): Promise<void> {
    persons.value = undefined;
    person = one;
    await then();
  }

  /** Holds a place, or moves a booking to it. Undefined where it was not to be had; `told` says why. */
  async function hold(slotId: string, move?: string): Promise<Booking | undefined> {
    const name = `${move ?? person?.id}/${slotId}`;
    const key = keys.get(name) ?? randomName();
    keys.set(name, key);
    return tell(
      () =>
        move
          ? send<Booking>(`/appointments/${move}/reschedule`, { slotId, key })
          : holdInTurn({ slotId, personId: person!.id, key }),
      () => keys.delete(name),
    );
  }

  /** Where many ask at once it is a place in line first; this page looks where it stands until it is decided. */
  async function holdInTurn(wanted: object): Promise<Booking> {
    try {
      let answer = await send<Booking | Queued>('/appointments/hold', wanted);
      while ('queue' in answer) {
        if (answer.state !== 'waiting') throw new ApiError(409, answer.message);
        line.value = answer;
        await pause(answer.askAgainSeconds * 1000);
        answer = await read<Booking | Queued>(`/appointments/queue/${answer.queue}`);
      }
      return answer;
    } finally {
      line.value = undefined;
    }
  }

  /** The next look finds that they have left. */
  async function leaveLine(): Promise<void> {
    if (line.value) await remove(`/appointments/queue/${line.value.queue}`).catch(() => {});
  }

  async function waitFor(resourceId: number, day: string): Promise<void> {
    const waiting = await tell(() =>
      send<{ place: number }>('/appointments/waiting', { resourceId, day, personId: person!.id }),
    );
    if (waiting) told.value = `已候补，排第 ${waiting.place} 位。有人退号时按先后通知您，请留意公众号消息。`;
  }

  async function tell<T>(act: () => Promise<T>, refused?: () => void): Promise<T | undefined> {
    busy.value = true;
    try {
      return await act();
    } catch (error) {
      if (error instanceof ApiError && error.code === 'health-consent-needed' && (await hasAgreed()))
        return await tell(act, refused);
      // It was answered: the next tap is another try. Where nothing came back, it is the same one.
      if (error instanceof ApiError && error.status !== 0) refused?.();
      told.value = wordsOf(error);
      return undefined;
    } finally {
      busy.value = false;
    }
  }

  const hasAgreed = () =>
    new Promise<boolean>((resolve) => {
      consent.value = resolve;
    });

  return { persons, consent, askFor, hold, waitFor, leaveLine, line, busy, told };
}

const pause = (millis: number) => new Promise((resolve) => window.setTimeout(resolve, millis));
const wordsOf = (error: unknown) => (error instanceof ApiError ? error.message : '网络不太好，请再试一次');
