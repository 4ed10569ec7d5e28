import { connect } from 'node:net';

export type Answer = { status: number; body: Buffer };

export type KeepAlive = {
  /** One request at a time: the next one goes after the answer to this one. */
  send(request: Buffer): void;
  close(): void;
};

const headEnd = Buffer.from('\r\n\r\n');
// One for all connections: what has been read is parsed before anything else is read.
const incoming = Buffer.allocUnsafe(65_536);

/**
 * A connection that speaks just as much HTTP as our servers answer with: status and Content-Length. The load generator shares
 * two processors with what it measures, so every microsecond here would be taken from there.
 */
export function openConnection(
  port: number,
  answered: (answer: Answer) => void,
  broken: (error: Error) => void,
): KeepAlive {
  let rest: Buffer | undefined;
  let closed = false;
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: incoming,
      callback: (size, buffer) => {
        try {
          take((buffer as Buffer).subarray(0, size));
        } catch (error) {
          socket.destroy(error as Error);
        }
        return true;
      },
    },
  });
  const take = (fresh: Buffer) => {
    const data = rest ? Buffer.concat([rest, fresh]) : fresh;
    const answer = parse(data);
    rest = answer ? undefined : Buffer.from(data);
    if (answer) answered(answer);
  };
  socket.on('error', (error) => fail(error));
  socket.on('close', () => fail(new Error('the server closed the connection')));
  const fail = (error: Error) => {
    if (closed) return;
    closed = true;
    broken(error);
  };
  return {
    send: (request) => {
      socket.write(request);
    },
    close: () => {
      closed = true;
      socket.destroy();
    },
  };
}

/** A whole answer, or nothing yet. The body lies in the buffer given. */
function parse(data: Buffer): Answer | undefined {
  const end = data.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = data.toString('latin1', 0, end);
  const at = head.indexOf('Content-Length: ');
  if (at < 0) throw new Error(`an answer without Content-Length:\n${head}`);
  const start = end + headEnd.length;
  const whole = start + Number.parseInt(head.slice(at + 16), 10);
  if (data.length < whole) return undefined;
  return { status: Number(head.slice(9, 12)), body: data.subarray(start, whole) };
}
