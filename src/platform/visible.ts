/** How many characters of a text can be seen: blanks cannot, nor marks that only steer how others are shown (zero-width, right-to-left). */
export const visibleLength = (text: string): number => [...text.replace(unseen, '')].length;

const unseen = /[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;
