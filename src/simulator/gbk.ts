let table: Map<string, number> | undefined;

/** Text in GBK, which Node reads but does not write: the table is made by reading all of it once. */
export function encodeGbk(text: string): Buffer {
  table ??= readTable();
  const bytes: number[] = [];
  for (const character of text) {
    const code = table.get(character);
    if (character.codePointAt(0)! < 0x80) bytes.push(character.codePointAt(0)!);
    else if (code === undefined) bytes.push(0x3f);
    else bytes.push(code >> 8, code & 0xff);
  }
  return Buffer.from(bytes);
}

function readTable(): Map<string, number> {
  const decoder = new TextDecoder('gbk');
  const found = new Map<string, number>();
  for (let high = 0x81; high <= 0xfe; high++)
    for (let low = 0x40; low <= 0xfe; low++) {
      const character = decoder.decode(Uint8Array.of(high, low));
      if (low !== 0x7f && [...character].length === 1 && character !== '\ufffd') found.set(character, high * 256 + low);
    }
  return found;
}
