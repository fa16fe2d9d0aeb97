import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

test('the demo imports its flights, answers five questions and leaves nothing behind', { timeout: 120_000 }, () => {
  const temporary = mkdtempSync(join(tmpdir(), 'tidewire-demo-test-'));
  try {
    const { status, stdout } = spawnSync(process.execPath, [MAIN, 'demo'], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: temporary },
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^3,000,000 rows in /m);
    expect(stdout).toMatch(/^ +2001-01-01 +508239 +6\.34 +24349$/m);
    expect(stdout.match(/^ {2}\d+ rows? in \d+ ms$/gm)).toHaveLength(5);
    expect(readdirSync(temporary)).toEqual([]);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
});
