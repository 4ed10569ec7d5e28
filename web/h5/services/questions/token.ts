/** Which question a link is about, as it says itself; the server alone decides whether it is to be believed. */
export function questionOf(token: string): string | null {
  try {
    const claim = JSON.parse(atob(token.split('.')[0]!.replaceAll('-', '+').replaceAll('_', '/')));
    return Array.isArray(claim) && typeof claim[2] === 'string' && claim[2] !== '' ? claim[2] : null;
  } catch {
    return null;
  }
}
