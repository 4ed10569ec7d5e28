import { searchVector } from '../../dialogue/search/vector';
import type { Matter } from './matter';

/**
 * The tsvector of a matter. A: its title; B: how citizens put it; C: tags and summary; D: what else is said. Materials are left
 * out: nearly every matter wants an identity card, and few people ask by what they have to bring.
 */
export const matterVector = ({ title, aliases, tags, summary, who, steps, online, notes }: Matter): string =>
  searchVector([
    ['A', [title]],
    ['B', aliases],
    ['C', [...tags, summary]],
    ['D', [who, ...steps, online, ...notes]],
  ]);
