import { createServer } from 'node:http';

// Reads the body and gives it back: what the load generator reaches when the server does next to nothing.
createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    response.writeHead(200, { 'Content-Type': 'application/xml', 'Content-Length': body.length }).end(body);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
