import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';
import { findWireScripts } from './find-wire-scripts.ts';
import { fitsOnePacket, type Pace, runWireScript } from './run-wire-script.ts';
import { parseWireScript } from './wire-script.ts';

const scripts = (await findWireScripts())
  .map((path) => parseWireScript(path, readFileSync(path, 'utf8')))
  .filter(({ only }) => only !== 'postgresql');

const PACES: Readonly<Record<Pace, string>> = {
  message: 'message by message',
  byte: 'with every message split at every byte',
  packet: 'all in one packet',
};

/** Every script of test/pgwire/scripts against the built server. PostgreSQL wrote the answers. */
describe('the server talks as PostgreSQL does', () => {
  let server: TidewireServer;

  beforeAll(async () => {
    server = await startTidewireServer();
  });

  afterAll(async () => {
    await server?.stop();
  });

  test('in at least 150 scripts', () => expect(scripts.length).toBeGreaterThanOrEqual(150));

  for (const [pace, name] of Object.entries(PACES) as [Pace, string][]) {
    describe.concurrent(name, () => {
      for (const script of scripts) {
        if (pace === 'packet' && !fitsOnePacket(script)) continue;
        test(script.path, async () => {
          const { failure } = await runWireScript(script, { url: server.url, pace, records: false });
          expect(failure).toBe(undefined);
        });
      }
    });
  }
});
