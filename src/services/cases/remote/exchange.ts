import { type LookupAddress, lookup } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { RemoteFault } from './fault';
import type { Outgoing } from './request';

export type Answer = { status: number; contentType: string; bytes: Buffer };

/** A case is a page of text; what is far longer is none. */
const mostBytes = 1024 * 1024;

const connections = { keepAlive: true, maxSockets: 20, timeout: 30_000 };
const agents = { 'http:': new http.Agent(connections), 'https:': new https.Agent(connections) };

/**
 * One exchange with a back end: bounded, not redirected, and never with this machine or the cloud's metadata unless `local`.
 * @throws RemoteFault
 */
export function exchange(
  { url, method, headers, body }: Outgoing,
  { signal, local }: { signal: AbortSignal; local: boolean },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(signal.aborted ? new RemoteFault('timeout') : toFault(error));
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (!local && isIP(host) && isSpecial(host)) return reject(new RemoteFault('address'));
    const agent = agents[url.protocol as keyof typeof agents];
    const { request } = url.protocol === 'https:' ? https : http;
    request(url, { method, headers, agent, signal, lookup: local ? lookup : guardedLookup }, (response) => {
      read(response).then(resolve, fail);
    })
      .on('error', fail)
      .end(body);
  });
}

async function read(response: IncomingMessage): Promise<Answer> {
  const status = response.statusCode!;
  const refuse = (fault: RemoteFault) => {
    response.destroy();
    return fault;
  };
  if (status >= 300 && status < 400) throw refuse(new RemoteFault('redirect', `HTTP ${status}`, status));
  const packed = response.headers['content-encoding'];
  if (packed && packed !== 'identity') throw refuse(new RemoteFault('packed'));
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > mostBytes) throw refuse(new RemoteFault('too-large'));
    parts.push(part);
  }
  return { status, contentType: response.headers['content-type'] ?? '', bytes: Buffer.concat(parts, size) };
}

/** Looked at when the name is resolved, for this very connection: a name that later points elsewhere gets no further. */
const guardedLookup: LookupFunction = (hostname, options, callback) =>
  lookup(hostname, options, (error, found: string | LookupAddress[], family) => {
    if (error) return callback(error, found, family);
    const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address);
    if (addresses.some(isSpecial)) return callback(new RemoteFault('address'), found, family);
    callback(null, found, family);
  });

/** This machine, the link, and where clouds keep what their machines may know. A city's own network is none of these. */
const special = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 96],
  ['2002::', 16],
  ['fd00:ec2::254', 128],
] as const)
  special.addSubnet(net, prefix, 'ipv6');

export const isSpecial = (address: string): boolean => special.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

function toFault(error: Error & { code?: string }): RemoteFault {
  if (error instanceof RemoteFault) return error;
  return neverSent.test(error.code ?? '')
    ? new RemoteFault('unreachable', error.code)
    : new RemoteFault('disconnected', error.code);
}
const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/;
