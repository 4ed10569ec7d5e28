import { keepHere, keptHere } from '../../storage';

/** What opens a case that was found by its number, until the page is closed: never kept on a phone that others use. */
export const remember = (number: string, token: string): void => void keepHere(keyOf(number), token);

export const recall = (number: string): string | null => keptHere(keyOf(number));

const keyOf = (number: string) => `case:${number}`;
