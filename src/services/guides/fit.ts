import type { Matter } from './matter';

/** WeChat shows 2,048 bytes of a text; what another service or the dialogue puts before it needs room too. */
const longest = 1900;

/** The text of a matter, with fewer places and materials where all of them would not fit: the page that it links to has the rest. */
export function fitted(matter: Matter, render: (matter: Matter) => string): string {
  const whole = render(matter);
  if (fits(whole)) return whole;
  const where = matter.where.slice(0, 2);
  for (let shown = matter.materials.length; shown > 0; shown--) {
    const left = matter.materials.length - shown;
    const rest = left > 0 ? [{ name: `还有 ${left} 项，见下面的链接` }] : [];
    const materials = [...matter.materials.slice(0, shown), ...rest];
    const steps = matter.steps.slice(0, Math.max(1, shown));
    const shorter = render({ ...matter, where, materials, steps, notes: [] });
    if (fits(shorter)) return shorter;
  }
  return render({ ...matter, where: where.slice(0, 1), materials: [], steps: [], notes: [] });
}

const fits = (text: string) => Buffer.byteLength(text) <= longest;
