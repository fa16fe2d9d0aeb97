/** Resolves in the next turn of the event loop: what has come of I/O meanwhile goes first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
