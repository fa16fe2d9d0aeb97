import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { CursorFact } from '../pg-catalog/pg-cursors.ts';
import type { Portal } from './portal.ts';
import type { PortalKeeper } from './transaction-block.ts';

const MAX_PORTALS = 1_000;

interface KeptPortal {
  readonly portal: Portal;
  /** In the order in which they were opened, from 1. */
  readonly number: number;
  /** Its transaction has committed: none takes it along any more. */
  isHeld: boolean;
}

/** The portals of a session by name: those of the protocol, and cursors, which are portals too. */
export class Portals implements PortalKeeper {
  readonly #portals = new Map<string, KeptPortal>();
  #nextNumber = 1;

  /** Throws 42P03 for a name in use, 54000 when there are too many. */
  requireFree(name: string): void {
    if (this.#portals.has(name)) throw new SqlError(SqlState.DuplicateCursor, `cursor "${name}" already exists`);
    if (this.#portals.size >= MAX_PORTALS) {
      throw new SqlError(SqlState.ProgramLimitExceeded, `more than ${MAX_PORTALS} portals`);
    }
  }

  add(name: string, portal: Portal): void {
    this.#portals.set(name, { portal, number: this.#nextNumber++, isHeld: false });
  }

  find(name: string): Portal | undefined {
    return this.#portals.get(name)?.portal;
  }

  /** Whether a cursor has outlived its transaction. */
  isHeld(name: string): boolean {
    return this.#portals.get(name)?.isHeld === true;
  }

  names(): string[] {
    return [...this.#portals.keys()];
  }

  /** Those that were declared. */
  cursorFacts(): CursorFact[] {
    return [...this.#portals.values()].flatMap(({ portal: { cursor } }) => (cursor === undefined ? [] : [cursor.fact]));
  }

  /** No error when there is none of that name; undefined then. */
  close(name: string): Promise<void> | undefined {
    const portal = this.find(name);
    if (portal === undefined) return undefined;
    this.#portals.delete(name);
    return portal.close();
  }

  /** CLOSE ALL. */
  async closeAll(): Promise<void> {
    for (const [name, { portal }] of [...this.#portals]) if (portal.cursor !== undefined) await this.close(name);
  }

  mark(): number {
    return this.#nextNumber;
  }

  /** Those with this number and higher ones. */
  async closeSince(mark: number): Promise<void> {
    for (const [name, { portal, number, isHeld }] of [...this.#portals]) {
      if (number < mark || isHeld) continue;
      this.#portals.delete(name);
      await portal.close();
    }
  }

  /** Cursors WITH HOLD take what they need out of the transaction; all others close. */
  beforeCommit(): Promise<void> | undefined {
    for (const [name, { portal, isHeld }] of this.#portals) {
      if (isHeld) continue;
      if (portal.cursor?.isHold === true) return this.#holdAndClose();
      this.#portals.delete(name);
      const closing = portal.close();
      if (closing !== undefined) return closing.then(() => this.#holdAndClose());
    }
    return undefined;
  }

  async #holdAndClose(): Promise<void> {
    for (const [name, { portal, isHeld }] of [...this.#portals]) {
      if (isHeld) continue;
      if (portal.cursor?.isHold === true) await portal.cursor.hold();
      else {
        this.#portals.delete(name);
        await portal.close();
      }
    }
  }

  /** It has committed. */
  keepHeld(): void {
    for (const kept of this.#portals.values()) if (kept.portal.cursor?.isHold === true) kept.isHeld = true;
  }

  /** The session ends. */
  async closeEverything(): Promise<void> {
    for (const name of [...this.#portals.keys()]) await this.close(name);
  }
}
