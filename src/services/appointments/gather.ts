import { createBatch } from '../../dialogue/inbox/batch';
import type { ServiceDeps } from '../../dialogue/service';

type Asking<Question, Answer> = {
  question: Question;
  resolve(answer: Answer | Promise<Answer>): void;
  reject(error: unknown): void;
};

/**
 * Those who ask at the same moment are answered together, in the order in which they came: by one statement instead of one for each. An
 * answer that is still to come keeps nobody else waiting.
 */
export function gather<Question, Answer, Deps extends Pick<ServiceDeps, 'events'>>(
  answer: (questions: Question[], deps: Deps) => Promise<(Answer | Promise<Answer>)[]>,
) {
  type One = Asking<Question, Answer>;
  /** Of each server of this process. */
  const batches = new WeakMap<Deps['events'], ReturnType<typeof createBatch<One>>>();
  return (question: Question, deps: Deps): Promise<Answer> => {
    const work = async (asking: One[]) => {
      try {
        const questions = asking.map((one) => one.question);
        const answers = await answer(questions, deps);
        for (const [index, { resolve }] of asking.entries()) resolve(answers[index]!);
      } catch (error) {
        for (const { reject } of asking) reject(error);
      }
    };
    const batch = batches.get(deps.events) ?? createBatch<One>({ work, largest: () => 200, atOnce: 1 });
    batches.set(deps.events, batch);
    return new Promise((resolve, reject) => batch.add({ question, resolve, reject }));
  };
}
