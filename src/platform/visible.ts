/** How many characters of a text can be seen: blanks cannot, nor marks that only steer how others are shown (zero-width, right-to-left). */
export const visibleLength = (text: string): number => [...withoutUnseen(text)].length;

/** What can be seen of it, in its plain form: for numbers, with which a copied text brings blanks and marks along. */
export const plainVisible = (text: string): string => withoutUnseen(text.normalize('NFKC'));

const withoutUnseen = (text: string) => text.replace(unseen, '');
const unseen = /[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;
