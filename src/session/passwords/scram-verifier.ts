import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { prepareText } from './prepare-text.ts';

/** What the server knows of a password: enough to check one, not enough to log in elsewhere. */
export interface ScramVerifier {
  readonly iterations: number;
  readonly salt: Uint8Array;
  /** 32 bytes each. */
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

export const SCRAM_ITERATIONS = 4096;
export const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** As many passwords are worked on at once: a flood of logins must not take every thread that reads files. */
const MAX_CONCURRENT = 2;

const VERIFIER = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;

/** `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, as pg_authid has it; undefined for any other text. */
export function parseVerifier(text: string): ScramVerifier | undefined {
  const [, iterations = '', salt = '', storedKey = '', serverKey = ''] = VERIFIER.exec(text) ?? [];
  const verifier: ScramVerifier = {
    iterations: Number(iterations),
    salt: Buffer.from(salt, 'base64'),
    storedKey: Buffer.from(storedKey, 'base64'),
    serverKey: Buffer.from(serverKey, 'base64'),
  };
  const isWhole =
    verifier.iterations > 0 &&
    Number.isSafeInteger(verifier.iterations) &&
    verifier.salt.length > 0 &&
    verifier.storedKey.length === KEY_BYTES &&
    verifier.serverKey.length === KEY_BYTES;
  return isWhole ? verifier : undefined;
}

export function formatVerifier({ iterations, salt, storedKey, serverKey }: ScramVerifier): string {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return `SCRAM-SHA-256$${iterations}:${text(salt)}$${text(storedKey)}:${text(serverKey)}`;
}

/** `salt`: bytes that nobody can guess. */
export async function verifierOf(
  password: string,
  { salt, iterations = SCRAM_ITERATIONS }: { readonly salt: Uint8Array; readonly iterations?: number },
): Promise<ScramVerifier> {
  const salted = await saltedPassword(password, salt, iterations);
  return {
    iterations,
    salt,
    storedKey: sha256(hmac(salted, 'Client Key')),
    serverKey: hmac(salted, 'Server Key'),
  };
}

/** Whether a password in clear is the one. */
export async function isPassword(password: string, verifier: ScramVerifier): Promise<boolean> {
  const { serverKey } = await verifierOf(password, verifier);
  return timingSafeEqual(serverKey, verifier.serverKey);
}

export function hmac(key: Uint8Array, text: string): Uint8Array {
  return createHmac('sha256', key).update(text).digest();
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

let running = 0;
const waiting: (() => void)[] = [];

async function saltedPassword(password: string, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
  while (running >= MAX_CONCURRENT) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await new Promise((resolve, reject) => {
      pbkdf2(prepareText(password), salt, iterations, KEY_BYTES, 'sha256', (error, key) =>
        error === null ? resolve(key) : reject(error),
      );
    });
  } finally {
    running--;
    waiting.shift()?.();
  }
}
