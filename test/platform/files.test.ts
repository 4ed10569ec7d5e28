import { connect } from 'node:net';
import sharp from 'sharp';
import type { UserError } from '../../src/platform/errors';
import { type Image, makeImage, mostImageBytes } from '../../src/platform/files/image';
import { mostBytesAtOnce } from '../../src/platform/http/upload';
import { type Format, phonePhoto, picture, tracesIn } from '../support/pictures';
import { startTestServer, type TestServer } from '../support/server';
import { album, decide, thinking } from './album';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ services: [album], env: { ROLES: 'web' } });
});
afterAll(() => server?.stop());

const send = (body: string | Uint8Array, type = 'image/jpeg') =>
  fetch(`${server.url}/api/h5/album`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: new Uint8Array(Buffer.from(body)),
  });
const look = (id: string, init?: RequestInit) => fetch(`${server.url}/api/h5/album/${id}`, init);
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const faultOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string; message: string } }).error;
const idOf = async (response: Response) => ((await response.json()) as { id: string }).id;
const refusalOf = (given: Buffer) =>
  makeImage(given).then(
    () => undefined,
    ({ status, code, message }: UserError) => ({ status, code, message }),
  );

test('a photo with position and owner goes in, one without comes out: upright, smaller, and a square to preview it', async () => {
  const photo = await phonePhoto();
  expect(await tracesIn(photo)).toEqual(['exif', 'Exif', 'Secretphone', 'secret-owner-name']);
  const id = await idOf(await send(photo));
  const whole = await look(id);
  expect(whole.headers.get('content-type')).toBe('image/jpeg');
  const [large, small] = [await bytesOf(whole), await bytesOf(await look(`${id}?size=small`))];
  for (const made of [large, small]) expect(await tracesIn(made)).toEqual([]);
  expect(await sharp(large).metadata()).toMatchObject({ format: 'jpeg', width: 1200, height: 1600 });
  expect(await sharp(small).metadata()).toMatchObject({ format: 'jpeg', width: 400, height: 400 });
  const stored = await server.deps.db.query<{ bytes: Buffer; small: Buffer }>('SELECT bytes, small FROM files');
  for (const row of stored) for (const part of [row.bytes, row.small]) expect(await tracesIn(part)).toEqual([]);
});

test('is shown as what it is, kept by this browser alone, and not sent twice', async () => {
  const id = await idOf(await send(await picture('png'), 'image/png'));
  const { headers } = await look(id);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  expect(headers.get('cache-control')).toBe('private, max-age=604800');
  // As a browser asks; fetch by itself would say that it wants no cache at all.
  const ask = { 'if-none-match': headers.get('etag')!, 'cache-control': 'max-age=0' };
  const again = await look(id, { headers: ask });
  expect([again.status, (await bytesOf(again)).length]).toEqual([304, 0]);
  const other = await look(`${id}?size=small`, { headers: ask });
  expect(other.status).toBe(200);
  expect((await look('0'.repeat(32))).status).toBe(404);
});

test.each<Format>(['jpeg', 'png', 'webp', 'gif', 'avif'])('%s becomes a JPEG', async (format) => {
  const { contentType, width, height, bytes } = await makeImage(await picture(format));
  expect({ contentType, width, height }).toEqual({ contentType: 'image/jpeg', width: 60, height: 40 });
  expect((await sharp(bytes).metadata()).format).toBe('jpeg');
});

test('what shines through lies on white, and a long screenshot stays wide enough to be read', async () => {
  const glass = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#0000' } })
    .png()
    .toBuffer();
  const { data } = await sharp((await makeImage(glass)).bytes)
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  const long = await makeImage(await picture('png', { width: 1080, height: 9000 }));
  expect([long.width, long.height]).toEqual([800, 6667]);
});

describe('what is no picture of ours is told why', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  const heic = Buffer.concat([
    Buffer.from('00000018', 'hex'),
    Buffer.from('ftypheic00000000mif1heic'),
    Buffer.alloc(64),
  ]);

  test.each<[string, Buffer | string, number, string, string]>([
    ['nothing', '', 422, 'empty', '图片是空的，请重新选择'],
    ['SVG', svg, 422, 'not-an-image', '这不是能用的图片，请传 JPEG、PNG、WebP 或 GIF 图片'],
    ['SVG behind blanks', `\n  ${svg}`, 422, 'not-an-image', '这不是能用的图片，请传 JPEG、PNG、WebP 或 GIF 图片'],
    ['a page', '<!doctype html><b>', 422, 'not-an-image', '这不是能用的图片，请传 JPEG、PNG、WebP 或 GIF 图片'],
    ['PDF', '%PDF-1.7\n1 0 obj', 422, 'not-an-image', '这不是能用的图片，请传 JPEG、PNG、WebP 或 GIF 图片'],
    ['only a head', Buffer.from('ffd8ffe000104a464946', 'hex'), 422, 'damaged', '图片损坏或没有传完整，请重新选择'],
    [
      'HEIC',
      heic,
      422,
      'heic',
      '这张是 HEIC 图片，打不开。请截图后再传，或在手机「设置-相机-格式」里选「兼容性最佳」后重拍',
    ],
  ])('%s', async (_name, body, status, code, message) => {
    const response = await send(body);
    expect([response.status, await faultOf(response)]).toEqual([
      status,
      { code, message, ...(status === 422 && { fields: { image: message } }) },
    ]);
  });

  test('half a photo', async () => {
    const photo = await phonePhoto();
    expect(await refusalOf(photo.subarray(0, photo.length / 2))).toMatchObject({ status: 422, code: 'damaged' });
  });

  test('a megabyte that unfolds to a hundred million pixels', async () => {
    const bomb = await picture('png', { width: 12_000, height: 9000 });
    expect(bomb.length).toBeLessThan(2_000_000);
    expect(await refusalOf(bomb)).toEqual({
      status: 422,
      code: 'too-many-pixels',
      message: '图片太大了，长乘宽不能超过 8000 万像素，请压缩后再传',
    });
  });

  test('more than 20 MB, whether it says so before or not', async () => {
    const big = new Uint8Array(mostImageBytes + 1);
    const told = await send(big);
    expect([told.status, await faultOf(told)]).toEqual([413, { code: 'too-large', message: '文件不能超过 20 MB' }]);
    expect(await refusalOf(Buffer.from(big))).toMatchObject({ status: 413, code: 'too-large' });
  });

  test('a form instead of a picture', async () => {
    const response = await send(JSON.stringify({ image: '' }), 'application/json');
    expect([response.status, (await faultOf(response)).code]).toEqual([422, 'wrong-type']);
  });
});

test('more at once than there is room for are asked to come again, and the others are all made', async () => {
  const photo = await phonePhoto({ width: 1200, height: 900 });
  const made = await Promise.all(Array.from({ length: 30 }, () => refusalOf(photo)));
  const refused = made.filter((one) => one !== undefined);
  expect(made.length - refused.length).toBe(12);
  for (const one of refused)
    expect(one).toEqual({ status: 503, code: 'busy', message: '现在传图片的人太多，请过一会儿再试' });
});

test('twenty that come at once hold no more memory than there is for all; the rest come again and are taken', async () => {
  const bytes = 18 * 1024 * 1024;
  const room = Math.floor(mostBytesAtOnce / bytes);
  // A photo with what nobody looks at behind it, so that it is as large as a phone's can be.
  const photo = Buffer.concat([await phonePhoto({ width: 80, height: 60 })], bytes);
  const before = process.memoryUsage().arrayBuffers;
  const uploads = Array.from({ length: 20 }, () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const upload = { socket, status: '' };
    socket
      .on('error', () => undefined)
      .once('data', (data) => {
        upload.status = data.toString('latin1').slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length);
      });
    socket.write(
      `POST /api/h5/album HTTP/1.1\r\nHost: album\r\nContent-Type: image/jpeg\r\nContent-Length: ${bytes}\r\n\r\n`,
    );
    return upload;
  });
  const answered = () => uploads.filter(({ status }) => status !== '');
  await until(() => answered().length === 20 - room);
  expect(answered().map(({ status }) => status)).toEqual(Array(20 - room).fill('503'));

  const held = uploads.filter(({ status }) => status === '').map(({ socket }) => socket);
  for (const socket of held) socket.write(photo.subarray(0, bytes - 1));
  await until(() => held.every(({ writableLength }) => writableLength === 0));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * mostBytesAtOnce);
  for (const socket of held) socket.write(photo.subarray(bytes - 1));
  await until(() => answered().length === 20);
  expect(uploads.filter(({ status }) => status === '201')).toHaveLength(room);
  for (const { socket } of uploads) socket.destroy();
  expect((await send(await phonePhoto({ width: 80, height: 60 }))).status).toBe(201);
});

test('who hangs up before they are listened to takes no room away', async () => {
  const bytes = 18 * 1024 * 1024;
  const count = Math.ceil(mostBytesAtOnce / bytes);
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => undefined);
    socket.write(
      `POST /api/h5/album-later HTTP/1.1\r\nHost: album\r\nContent-Type: image/jpeg\r\nContent-Length: ${bytes}\r\n\r\n`,
    );
    return socket;
  });
  await until(() => thinking === count);
  for (const socket of sockets) socket.destroy();
  // Requests on other connections are read after those ends.
  await look('nothing', { signal: new AbortController().signal });
  decide();
  await until(() => thinking === 0);
  const photo = Buffer.concat([await phonePhoto({ width: 80, height: 60 })], bytes);
  expect((await send(photo)).status).toBe(201);
});

describe('who refers to a file', () => {
  let image: Image;
  beforeAll(async () => {
    image = await makeImage(await picture('png'));
  });
  const { signal } = new AbortController();
  const add = (owner: string) => server.deps.files.add(server.deps.db, image, { owner });
  const keep = (ids: string[], owner: string) =>
    server.deps.db.transaction((tx) => server.deps.files.keep(tx, ids, owner));
  const isThere = async (id: string) => (await look(id, { signal })).status === 200;

  test('keeps it: what nobody does is gone after a day by the clock, and not before', async () => {
    const { files, clock } = server.deps;
    const [kept, left] = [await add('one'), await add('one')];
    await keep([kept], 'one');
    expect(await files.unused(server.deps.db, 'one')).toBe(1);
    clock.offset += 23 * 3600_000;
    await files.sweep.run();
    expect([await isThere(kept), await isThere(left)]).toEqual([true, true]);
    clock.offset += 2 * 3600_000;
    await files.sweep.run();
    expect([await isThere(kept), await isThere(left)]).toEqual([true, false]);
  });

  test("must be whoever brought it, once, and all or none where one is another's", async () => {
    const [mine, another, theirs] = [await add('me'), await add('me'), await add('them')];
    await keep([mine], 'me');
    for (const ids of [[mine], [another, theirs], ['0'.repeat(32)]])
      await expect(keep(ids, 'me')).rejects.toMatchObject({ status: 422, code: 'no-such-image' });
    await keep([another], 'me');
  });

  test('a row that is rolled back leaves no file', async () => {
    const { db, files } = server.deps;
    let id = '';
    const failing = db.transaction(async (tx) => {
      id = await files.add(tx, image, { owner: 'me', kept: true });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await isThere(id)).toBe(false);
  });

  test('another process serves the same', async () => {
    const id = await add('me');
    const other = await startTestServer({ services: [album], env: { ROLES: 'web' }, databaseUrl: server.databaseUrl });
    try {
      expect((await fetch(`${other.url}/api/h5/album/${id}`)).status).toBe(200);
    } finally {
      await other.stop();
    }
  });
});

test('the API document says which routes take and give files', async () => {
  const document = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { requestBody?: { content: object }; responses: Record<string, object> }>>;
  };
  expect(document.paths['/api/h5/album']!.post!.requestBody!.content).toHaveProperty(['image/*']);
  expect(document.paths['/api/h5/album/{id}']!.get!.responses['200']).toHaveProperty(['content', 'image/jpeg']);
});

async function until(condition: () => boolean): Promise<void> {
  const patience = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > patience) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
