/** Reads the QR code that a video shows now, if it shows one. */
export type Reader = (video: HTMLVideoElement) => Promise<string | undefined>;

type Detector = { detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]> };
type DetectorClass = { new (options: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> };

/** What the browser brings along where it can (Android, macOS), else a decoder of our own, which is fetched then. */
export async function createReader(): Promise<Reader> {
  const Native = (window as unknown as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  const formats = (await Native?.getSupportedFormats().catch(() => [])) as string[] | undefined;
  if (Native && formats?.includes('qr_code')) {
    const detector = new Native({ formats: ['qr_code'] });
    return async (video) => (await detector.detect(video))[0]?.rawValue;
  }
  const { default: decodeQR } = await import('qr/decode.js');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  return async (video) => {
    // More than this tells no more, and takes longer.
    const scale = Math.min(1, 720 / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (canvas.width === 0 || canvas.height === 0) return undefined;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      // It says so by throwing when there is none in the picture.
      return undefined;
    }
  };
}

/** @throws Error with words for the clerk: what is wrong, and what to do */
export async function openCamera(): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia)
    throw new Error('这个浏览器不能用摄像头：工作台要用 https 打开。可以改用扫码枪，或手输 8 位编号。');
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
  } catch (error) {
    throw new Error(`${faults[(error as DOMException).name] ?? '打不开摄像头。'}也可以用扫码枪，或手输 8 位编号。`);
  }
}

const faults: Record<string, string> = {
  NotAllowedError: '没有得到使用摄像头的许可：请点地址栏左边的图标，允许使用摄像头，再试一次。',
  NotFoundError: '没有找到摄像头，请检查是否接好。',
  NotReadableError: '摄像头正被别的程序占用，请关掉它再试一次。',
};
