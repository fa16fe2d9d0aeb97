import { IndexKey } from './index-key.ts';
import { type IndexMemory, IndexSize } from './index-memory.ts';
import type { IndexPlace, KeyIndex, RowIdList } from './key-index.ts';
import { KeyPage, PAGE_ENTRIES } from './key-page.ts';

const MAX_BRANCH_PAGES = 256;
/** Of entries at 100 a page so many billions. */
const MAX_BRANCHES = 1 << 20;
const LIMITS = { capacity: MAX_BRANCH_PAGES + 1 };

/** Some pages, in order. */
interface Branch {
  /** What each page begins with at the least, and the page before it does not reach. */
  readonly limits: KeyPage;
  readonly pages: KeyPage[];
}

/**
 * An index in the order of its keys, as a tree of three levels, each found by halves:
 *
 *   limits of the branches ─► limits of a branch's pages, at most 256 ─► entries of a page, at most 128
 *
 * An insert moves at most one page's entries, the limits of one branch, or those of the branches, of which ten million
 * entries have some five hundred. A page that overflows at the end of the index leaves its entries where they are, so that
 * ascending keys fill pages; others are cut in the middle. No page is empty, but for the only one.
 */
export class OrderedIndex implements KeyIndex {
  readonly #size: IndexSize;
  readonly #limits: KeyPage;
  readonly #branches: Branch[];
  #entryCount = 0;
  // Where the last search has ended.
  #branch = 0;
  #page = 0;
  #index = 0;
  readonly #limit = new IndexKey();

  constructor(memory: IndexMemory) {
    this.#size = new IndexSize(memory);
    this.#limits = new KeyPage(this.#size, { capacity: MAX_BRANCHES });
    const limits = new KeyPage(this.#size, LIMITS);
    // The first of each is before all keys.
    this.#limits.insertAt(0, this.#limit, -1);
    limits.insertAt(0, this.#limit, -1);
    this.#branches = [{ limits, pages: [new KeyPage(this.#size)] }];
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  get sizeBytes(): number {
    return this.#size.bytes;
  }

  add(key: IndexKey, rowId: number, isGone?: (rowId: number) => boolean): void {
    this.#seek(key, rowId);
    const page = this.#branches[this.#branch]!.pages[this.#page]!;
    this.#entryCount++;
    if (page.isFull) {
      const removed = isGone === undefined ? 0 : page.removeGone(isGone);
      this.#entryCount -= removed;
      if (removed > 0) this.#index = page.lowerBound(key, rowId);
      // A page that stays nearly full would be looked through for each of the next entries.
      if (removed < PAGE_ENTRIES / 8) {
        this.#insertSplitting(page, key, rowId);
        return;
      }
    }
    page.insertAt(this.#index, key, rowId);
  }

  has(key: IndexKey, rowId: number): boolean {
    this.#seek(key, rowId);
    const page = this.#currentPage();
    return page !== undefined && page.compareAt(this.#index, key, rowId) === 0;
  }

  find(key: IndexKey, into: RowIdList): void {
    this.#seek(key, -1);
    for (let page = this.#currentPage(); page !== undefined; page = this.#currentPage()) {
      if (!page.hasKeyAt(this.#index, key)) return;
      into.push(page.rowIdAt(this.#index++));
    }
  }

  /**
   * Appends the rows of the entries from `from` on, and before `to`, until there are `limit` of them in all. True at the
   * end; otherwise `from` has become the place to go on from.
   */
  collect(from: IndexPlace, to: IndexKey, into: RowIdList, limit: number): boolean {
    this.#seek(from.key, from.rowId);
    for (let page = this.#currentPage(); page !== undefined; page = this.#currentPage()) {
      if (page.compareAt(this.#index, to, -1) >= 0) return true;
      if (into.count >= limit) {
        page.keyAt(this.#index, from.key);
        from.rowId = page.rowIdAt(this.#index);
        return false;
      }
      into.push(page.rowIdAt(this.#index++));
    }
    return true;
  }

  sweep(place: IndexPlace, count: number, isGone: (rowId: number) => boolean): boolean {
    this.#seek(place.key, place.rowId);
    if (this.#currentPage() === undefined) return true;
    for (let seen = 0; seen < count; ) {
      const branch = this.#branches[this.#branch];
      const page = branch?.pages[this.#page];
      if (branch === undefined || page === undefined) return true;
      seen += page.count;
      this.#entryCount -= page.removeGone(isGone);
      if (page.count === 0) this.#removePage(branch, page);
      else if (!this.#mergeIntoPrevious(branch, page)) this.#page++;
      if (this.#page >= (this.#branches[this.#branch]?.pages.length ?? 0)) {
        this.#branch++;
        this.#page = 0;
      }
    }
    const next = this.#branches[this.#branch]?.pages[this.#page];
    if (next === undefined || next.count === 0) return true;
    next.keyAt(0, place.key);
    place.rowId = next.rowIdAt(0);
    return false;
  }

  release(): void {
    this.#size.release();
  }

  /** The page that `#seek` or a step after it stands in; undefined at the end. */
  #currentPage(): KeyPage | undefined {
    for (;;) {
      const branch = this.#branches[this.#branch];
      const page = branch?.pages[this.#page];
      if (branch === undefined || page === undefined) return undefined;
      if (this.#index < page.count) return page;
      this.#index = 0;
      if (++this.#page < branch.pages.length) continue;
      this.#page = 0;
      this.#branch++;
    }
  }

  /** Goes to the first entry that is not before (key, row id), which may be at the beginning of the next page. */
  #seek(key: IndexKey, rowId: number): void {
    this.#branch = Math.max(this.#limits.lowerBound(key, rowId) - 1, 0);
    const { limits, pages } = this.#branches[this.#branch]!;
    this.#page = Math.max(limits.lowerBound(key, rowId) - 1, 0);
    this.#index = pages[this.#page]!.lowerBound(key, rowId);
  }

  #insertSplitting(page: KeyPage, key: IndexKey, rowId: number): void {
    const branch = this.#branches[this.#branch]!;
    const isLast = this.#branch === this.#branches.length - 1 && this.#page === branch.pages.length - 1;
    const added = new KeyPage(this.#size, { expected: PAGE_ENTRIES });
    if (isLast && this.#index === page.count) added.insertAt(0, key, rowId);
    else {
      page.moveTo(added, page.count >>> 1);
      const target = added.compareAt(0, key, rowId) < 0 ? added : page;
      target.insertAt(target.lowerBound(key, rowId), key, rowId);
    }
    added.keyAt(0, this.#limit);
    branch.limits.insertAt(this.#page + 1, this.#limit, added.rowIdAt(0));
    branch.pages.splice(this.#page + 1, 0, added);
    if (branch.pages.length > MAX_BRANCH_PAGES) this.#splitBranch(branch);
  }

  #splitBranch({ limits, pages }: Branch): void {
    const isLast = this.#branch === this.#branches.length - 1;
    const from = isLast ? MAX_BRANCH_PAGES : pages.length >>> 1;
    limits.keyAt(from, this.#limit);
    this.#limits.insertAt(this.#branch + 1, this.#limit, limits.rowIdAt(from));
    const added: Branch = { limits: new KeyPage(this.#size, LIMITS), pages: pages.splice(from) };
    limits.moveTo(added.limits, from);
    this.#branches.splice(this.#branch + 1, 0, added);
  }

  #removePage({ limits, pages }: Branch, page: KeyPage): void {
    if (pages.length === 1 && this.#branches.length === 1) {
      this.#page++;
      return;
    }
    page.release();
    if (pages.length > 1) {
      // The limit of the first page stays, for the next one: there is none before all keys otherwise.
      limits.removeAt(Math.max(this.#page, 1));
      pages.splice(this.#page, 1);
      return;
    }
    limits.release();
    this.#limits.removeAt(Math.max(this.#branch, 1));
    this.#branches.splice(this.#branch, 1);
  }

  #mergeIntoPrevious({ limits, pages }: Branch, page: KeyPage): boolean {
    const previous = pages[this.#page - 1];
    if (previous === undefined || previous.count + page.count > (PAGE_ENTRIES * 3) / 4) return false;
    page.moveTo(previous, 0);
    page.release();
    limits.removeAt(this.#page);
    pages.splice(this.#page, 1);
    return true;
  }
}
