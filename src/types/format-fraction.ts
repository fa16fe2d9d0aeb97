/** The decimals of a second: `.5` for 500 000 µs, without trailing zeros, nothing for 0. */
export function formatFraction(micros: number): string {
  if (micros === 0) return '';
  let digits = micros;
  let width = 6;
  while (digits % 10 === 0) {
    digits /= 10;
    width--;
  }
  return `.${String(digits).padStart(width, '0')}`;
}
