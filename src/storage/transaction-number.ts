/** Smaller numbers are of no transaction: 2 is what PostgreSQL calls frozen. */
export const FIRST_TRANSACTION = 3;
export const FROZEN_TRANSACTION = 2;

const TRANSACTIONS = 2 ** 32 - FIRST_TRANSACTION;

/** Transactions are counted on from the time, so many µs to a number. */
const STEP_MICROS = 64;

/** The number by which SQL knows a transaction, for one that counts without end. */
export function transactionNumber(count: number): number {
  return FIRST_TRANSACTION + (count % TRANSACTIONS);
}

/**
 * Numbers of transactions that write rows. They count on from the time, so that those from before a restart do not come again
 * as long as there are no more transactions than steps of the clock.
 */
export class TransactionNumbers {
  #last = 0;

  /** `now`: µs since 2000. */
  take(now: number): number {
    this.#last = Math.max(this.#last + 1, Math.floor(now / STEP_MICROS));
    return transactionNumber(this.#last);
  }
}
