import type { Options } from './options';

const questions = [
  '身份证丢了咋办',
  '怎么办居住证',
  '小孩上户口要什么材料',
  '驾驶证到期换证',
  '挂号怎么退',
  '住院押金可以刷卡吗',
  '医保异地报销',
  '复印病历',
];

/** With `--free-text` citizens ask in their own words, so that every message is a search as well. */
export const freeTexts = ({ freeText }: Options) => (freeText ? { says: questions } : {});
