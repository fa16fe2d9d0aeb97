import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCRAM, SCRAM_PLUS, ScramExchange } from '../../../src/pgwire/authentication/scram-exchange.ts';
import { prepareText } from '../../../src/session/passwords/prepare-text.ts';
import {
  formatVerifier,
  isPassword,
  parseVerifier,
  verifierOf,
} from '../../../src/session/passwords/scram-verifier.ts';

const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
const verifier = await verifierOf('pencil', { salt, iterations: 4096 });
const nonce = new Uint8Array(18).fill(7);
const serverEndPoint = createHash('sha256').update('certificate').digest();

/** The client's side, written apart from the server's. */
function proofFor(password: string, first: string, serverFirst: string, header: string, binding: Buffer): string {
  const [, r = '', s = '', i = ''] = /^r=(.*),s=(.*),i=(.*)$/.exec(serverFirst) ?? [];
  const salted = pbkdf2Sync(password, Buffer.from(s, 'base64'), Number(i), 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest();
  const withoutProof = `c=${Buffer.concat([Buffer.from(header), binding]).toString('base64')},r=${r}`;
  const signature = createHmac('sha256', storedKey).update(`${first},${serverFirst},${withoutProof}`).digest();
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at]));
  return `${withoutProof},p=${proof.toString('base64')}`;
}

const NONE = Buffer.alloc(0);

function exchange(mechanism: string, clientFirst: string, endPoint: Uint8Array | undefined = undefined): ScramExchange {
  return new ScramExchange(mechanism, clientFirst, { verifier, nonce, serverEndPoint: endPoint });
}

describe('SCRAM-SHA-256', () => {
  test('has the keys of RFC 7677', () => {
    // The example: user "user", password "pencil", this salt, 4096 iterations.
    const first = 'n=user,r=rOprNGfwEbeRWgbNEkqO';
    const serverFirst = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';
    const final = proofFor('pencil', first, serverFirst, 'n,,', NONE);
    expect(final).toBe(
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    );
    const signature = createHmac('sha256', verifier.serverKey)
      .update(`${first},${serverFirst},c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`)
      .digest('base64');
    expect(signature).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  });

  test('accepts the right password, and nobody who has another', () => {
    for (const [password, isRight] of [
      ['pencil', true],
      ['Pencil', false],
      ['', false],
    ] as const) {
      const scram = exchange(SCRAM, 'n,,n=,r=abc');
      const final = proofFor(password, 'n=,r=abc', scram.serverFirst, 'n,,', NONE);
      expect(scram.finish(final)?.startsWith('v=') ?? false).toBe(isRight);
    }
  });

  test('accepts no proof with a bit flipped', () => {
    const scram = exchange(SCRAM, 'n,,n=,r=abc');
    const [head = '', proof = ''] = proofFor('pencil', 'n=,r=abc', scram.serverFirst, 'n,,', NONE).split(',p=');
    for (let bit = 0; bit < 256; bit++) {
      const flipped = Buffer.from(proof, 'base64');
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(scram.finish(`${head},p=${flipped.toString('base64')}`)).toBeUndefined();
    }
  });

  test('binds to the certificate, and to no other', () => {
    const scram = exchange(SCRAM_PLUS, 'p=tls-server-end-point,,n=,r=abc', serverEndPoint);
    const header = 'p=tls-server-end-point,,';
    const right = proofFor('pencil', 'n=,r=abc', scram.serverFirst, header, serverEndPoint);
    expect(scram.finish(right)).toMatch(/^v=/);
    const wrong = proofFor('pencil', 'n=,r=abc', scram.serverFirst, header, Buffer.alloc(32));
    expect(() => scram.finish(wrong)).toThrow(/channel binding check failed/);
  });

  test('does not let a client be talked out of binding', () => {
    expect(() => exchange(SCRAM, 'y,,n=,r=abc', serverEndPoint)).toThrow(/channel binding negotiation error/);
    expect(() => exchange(SCRAM_PLUS, 'n,,n=,r=abc', serverEndPoint)).toThrow(/malformed SCRAM message/);
    expect(() => exchange(SCRAM_PLUS, 'p=tls-unique,,n=,r=abc', serverEndPoint)).toThrow(/unsupported SCRAM/);
    expect(() => exchange(SCRAM, 'p=tls-server-end-point,,n=,r=abc')).toThrow(/malformed SCRAM message/);
    // Without TLS a client that could bind may say so.
    expect(() => exchange(SCRAM, 'y,,n=,r=abc')).not.toThrow();
  });

  test('takes no nonce but the one it gave', () => {
    const scram = exchange(SCRAM, 'n,,n=,r=abc');
    const replayed = scram.serverFirst.replace('r=abc', 'r=abd');
    expect(() => scram.finish(proofFor('pencil', 'n=,r=abc', replayed, 'n,,', NONE))).toThrow(/malformed SCRAM/);
  });

  test('refuses what is not the protocol', () => {
    for (const text of [
      '',
      'n,',
      'n,,',
      'x,,n=,r=a',
      'n,,r=a',
      'n,,n=,r=',
      'n,a=other,n=,r=a',
      'n,,m=x,n=,r=a',
      'n,,n=,r=a\u00e4',
    ]) {
      expect(() => exchange(SCRAM, text), text).toThrow();
    }
    const scram = exchange(SCRAM, 'n,,n=,r=abc');
    for (const text of ['', 'c=biws', 'c=biws,r=x', `c=eSws,r=abc,p=AAAA`, 'c=biws,r=abc,p=!!!!']) {
      expect(() => scram.finish(text), text).toThrow();
    }
  });

  test('never takes made-up messages for a proof', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, final) => {
        try {
          expect(exchange(SCRAM, first).finish(final)).toBeUndefined();
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^(08P01|0A000|28000)$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a verifier', () => {
  test('is the text that PostgreSQL keeps', async () => {
    const text = formatVerifier(verifier);
    expect(text).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
    expect(parseVerifier(text)).toEqual({
      ...verifier,
      salt: Buffer.from(salt),
      storedKey: Buffer.from(verifier.storedKey),
      serverKey: Buffer.from(verifier.serverKey),
    });
    expect(await isPassword('pencil', verifier)).toBe(true);
    expect(await isPassword('pen', verifier)).toBe(false);
  });

  test('is nothing else', () => {
    for (const text of ['', 'x', 'SCRAM-SHA-256$0:AAAA$AAAA:AAAA', 'SCRAM-SHA-256$4096:AAAA$AAAA:AAAA', 'md5abc']) {
      expect(parseVerifier(text)).toBeUndefined();
    }
  });

  test('is of the password however it is spelt', () => {
    expect(prepareText('I\u00adX')).toBe('IX');
    expect(prepareText('\u2168')).toBe('IX');
    expect(prepareText('\u00aa')).toBe('a');
    expect(prepareText('a\u00a0b')).toBe('a b');
    // What SASLprep forbids is taken as it is.
    expect(prepareText('\u0007\u00e4')).toBe('\u0007\u00e4');
    expect(prepareText('\u0627\u0031')).toBe('\u0627\u0031');
  });
});
