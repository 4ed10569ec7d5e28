import sharp from 'sharp';

/** A photo as a phone makes it: with where and with what it was taken, lying on its side. */
export function phonePhoto({ width = 2400, height = 1800 } = {}): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#7aa095' } })
    .withExif({
      IFD0: { Make: 'Secretphone', Model: 'Secretphone 9', Software: 'secret-owner-name' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '30/1 15/1 0/1', GPSLongitudeRef: 'E', GPSLongitude: '120/1 9/1 0/1' },
    })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
}

export type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

export const picture = (format: Format, { width = 60, height = 40, background = '#2a6' } = {}): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer();

/** Where and with what a picture was taken, as far as it says. */
export async function tracesIn(bytes: Buffer): Promise<string[]> {
  const { exif, xmp, iptc, comments } = await sharp(bytes).metadata();
  const parts = { exif, xmp, iptc, comments };
  return [
    ...Object.entries(parts).flatMap(([name, part]) => (part === undefined ? [] : [name])),
    ...['Exif', 'Secretphone', 'secret-owner-name'].filter((word) => bytes.includes(word)),
  ];
}
