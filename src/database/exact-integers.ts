/** Whether the integer of these words is beyond ±2^53: doubles have gaps there. */
export function isBeyondDoubles(high: number, low: number): boolean {
  const isWithin = (high >= -(2 ** 21) && high < 2 ** 21) || (high === 2 ** 21 && low === 0);
  return !isWithin;
}
