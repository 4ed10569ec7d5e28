import type { TextFile } from '../delivery/text-files';
import type { Flow } from './flow';

/** The questions of flows as texts that operators may change: their defaults stand in code. */
export const flowTexts = (flows: Flow[]): TextFile[] =>
  flows.flatMap(({ key, title, steps }) =>
    steps.map(
      (step): TextFile => ({
        key: `${key}.${step.key}`,
        kind: 'flow',
        title: `${title || key}：${step.text.replace(/[：:]\s*$/, '')}`,
        variables: [],
        body: step.text,
      }),
    ),
  );
