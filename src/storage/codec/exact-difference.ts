/**
 * Whether a difference of two integers within ±2^53 is the true one: below 2^53 it is, at 2^53 it may have been rounded
 * from 2^53 + 1.
 */
export function isExactDifference(difference: number): boolean {
  return difference > -9007199254740992 && difference < 9007199254740992;
}
