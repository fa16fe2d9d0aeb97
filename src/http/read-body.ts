import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { HttpError } from './http-error.ts';

/**
 * The whole body, unpacked when it is gzip. `limitBytes` holds for what arrives and for what comes out of it, so a small
 * bomb does not become a large buffer.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limitBytes) throw tooLarge(limitBytes);
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return collect(request, limitBytes);
  if (encoding !== 'gzip') {
    throw new HttpError(415, `content encoding "${encoding.slice(0, 40)}" is not supported; send gzip or none`);
  }
  const gunzip = createGunzip();
  request.on('error', (error) => gunzip.destroy(error));
  request.pipe(gunzip);
  try {
    return await collect(gunzip, limitBytes);
  } catch (error) {
    request.unpipe(gunzip);
    request.resume();
    gunzip.destroy();
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, 'the body is not valid gzip; nothing was stored');
  }
}

async function collect(stream: AsyncIterable<Buffer>, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}

function tooLarge(limitBytes: number): HttpError {
  return new HttpError(413, `the body is larger than ${limitBytes} bytes; split it into smaller requests`);
}
