/** 2000 is 20 元, 120050 is 1200.50 元. */
export function yuan(fen: number): string {
  const part = Math.abs(fen) % 100;
  const whole = `${fen < 0 ? '-' : ''}${Math.floor(Math.abs(fen) / 100)}`;
  return `${whole}${part === 0 ? '' : `.${String(part).padStart(2, '0')}`} 元`;
}
