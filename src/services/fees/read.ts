import { yuan } from './money';
import type { FeeQuestion } from './rules';

export type Read = { value: string | number } | { expected: string };

/** What somebody typed or picked, or in words what was expected. */
export function readAnswer({ options, number, money }: FeeQuestion, text: string): Read {
  if (options)
    return Object.hasOwn(options, text)
      ? { value: text }
      : { expected: `应是 ${Object.values(options).join('、')} 之一` };
  if (number) return readNumber(text, number);
  return readMoney(text, money!);
}

function readNumber(text: string, { unit, min, max }: NonNullable<FeeQuestion['number']>): Read {
  const plain = text.replaceAll(/[,\s]/g, '').replace(new RegExp(`${unit}$`), '');
  const value = Number(plain);
  return /^\d{1,9}$/.test(plain) && value >= min && value <= max
    ? { value }
    : { expected: `请输入 ${min} 到 ${max} 的整数，单位${unit}` };
}

/** 「1,200.5元」 is 120050 fen; read as text, so that no fraction is lost. */
function readMoney(text: string, { min, max }: NonNullable<FeeQuestion['money']>): Read {
  const [, whole, part = ''] = /^[¥￥]?(\d{1,9})(?:\.(\d{1,2}))?元?$/.exec(text.replaceAll(/[,，\s]/g, '')) ?? [];
  const value = whole === undefined ? Number.NaN : Number(whole) * 100 + Number(part.padEnd(2, '0'));
  return value >= min && value <= max
    ? { value }
    : { expected: `请输入 ${yuan(min)} 到 ${yuan(max)} 的金额，单位元，最多两位小数，例如 1200 或 1200.50` };
}
