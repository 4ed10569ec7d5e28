const enough = 1_500_000;
const longestSide = 2400;

/** A photo that a narrow uplink can carry; whatever the phone cannot draw goes as it is, and the server says what it thinks of it. */
export async function smaller(file: File): Promise<Blob> {
  if (file.size <= enough) return file;
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, longestSide / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85));
    return made && made.size < file.size ? made : file;
  } catch {
    return file;
  }
}
