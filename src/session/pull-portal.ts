import type { Batch } from '../columnar/batch.ts';
import type { Portal } from './portal.ts';
import type { Completion, ExecuteOptions } from './session-options.ts';

/**
 * Fetches from a portal until its end or `maxRows`, and gives each batch away before it asks for the next. There is a promise
 * only where something has to be waited for: a short query that is answered from memory is one call.
 */
export function pullPortal(portal: Portal, options: ExecuteOptions): Completion | Promise<Completion> {
  const { control } = portal;
  let rowCount = 0;
  while (rowCount < options.maxRows) {
    control.check();
    const batch = portal.next(options.maxRows - rowCount);
    if (batch instanceof Promise || control.owesAnything) return pullOn(portal, options, rowCount, batch);
    if (batch === undefined) return finished(portal, rowCount);
    rowCount += batch.rowCount;
    const taken = options.onRows(batch);
    if (taken !== undefined) return waitAndPull(portal, options, rowCount, taken);
    const turn = control.yieldIfDue();
    if (turn !== undefined) return waitAndPull(portal, options, rowCount, turn);
  }
  return { isSuspended: true, rowCount, tag: '' };
}

async function waitAndPull(
  portal: Portal,
  options: ExecuteOptions,
  rowCount: number,
  pause: Promise<void>,
): Promise<Completion> {
  const { control } = portal;
  await pause;
  const turn = control.yieldIfDue();
  if (turn !== undefined) await turn;
  if (rowCount >= options.maxRows) return { isSuspended: true, rowCount, tag: '' };
  return pullOn(portal, options, rowCount, portal.next(options.maxRows - rowCount));
}

async function pullOn(
  portal: Portal,
  { maxRows, onRows }: ExecuteOptions,
  rowsBefore: number,
  pulled: Batch | undefined | Promise<Batch | undefined>,
): Promise<Completion> {
  const { control } = portal;
  let rowCount = rowsBefore;
  let batch = await pulled;
  for (;;) {
    if (control.owesAnything) await control.pay();
    if (batch === undefined) return finished(portal, rowCount);
    rowCount += batch.rowCount;
    const taken = onRows(batch);
    if (taken !== undefined) await taken;
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
    if (rowCount >= maxRows) return { isSuspended: true, rowCount, tag: '' };
    control.check();
    batch = await portal.next(maxRows - rowCount);
  }
}

function finished(portal: Portal, rowCount: number): Completion {
  return { isSuspended: false, rowCount, tag: portal.tag(rowCount) };
}
