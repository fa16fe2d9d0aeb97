import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { Instance } from '../../src/database/instance.ts';
import { HttpServer } from '../../src/http/http-server.ts';
import { systemClock } from '../../src/platform/clock.ts';

test('a client that sends its headers byte by byte is cut off soon after its time', { timeout: 15_000 }, async () => {
  const server = new HttpServer({
    instance: { failure: undefined } as Instance,
    clock: systemClock,
    host: '127.0.0.1',
    port: 0,
    bodyLimitBytes: 1_000,
    version: '9.9.9',
    headersTimeoutMs: 200,
    reportError: () => {},
  });
  await server.listen();
  const answer = await new Promise<string>((resolve) => {
    let received = '';
    const socket = connect(server.port, '127.0.0.1');
    const drip = setInterval(() => socket.write('A'), 50);
    socket.write('GET /ready HTTP/1.1\r\n');
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(drip);
      resolve(received);
    });
  });
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  await server.stop(0);
});
