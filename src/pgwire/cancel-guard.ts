import type { SessionRegistry } from '../session/session-registry.ts';

/** So many wrong keys from one address within the window are looked at. */
const MAX_FAILURES = 20;
const WINDOW_MS = 10_000;
/** Addresses that are remembered at a time. */
const MAX_ADDRESSES = 10_000;

/** Keeps keys of CancelRequests from being guessed: who shows wrong ones is not listened to for a while. */
export class CancelGuard {
  readonly #registry: Pick<SessionRegistry, 'cancel'>;
  readonly #failures = new Map<string, { count: number; readonly until: number }>();

  constructor(registry: Pick<SessionRegistry, 'cancel'>) {
    this.#registry = registry;
  }

  /** Nobody is told what came of it. */
  cancel(processId: number, key: Uint8Array, address: string): void {
    const now = performance.now();
    const known = this.#failures.get(address);
    if (known !== undefined && known.until > now && known.count >= MAX_FAILURES) return;
    if (this.#registry.cancel(processId, key)) return;
    if (known !== undefined && known.until > now) {
      known.count++;
      return;
    }
    if (this.#failures.size >= MAX_ADDRESSES) this.#failures.clear();
    this.#failures.set(address, { count: 1, until: now + WINDOW_MS });
  }
}
