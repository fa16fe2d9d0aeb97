/**
 * A finite number in exponent notation with that many digits (1 to 100), the even one of two equally near: C's `%e`.
 * JavaScript's toExponential would take the larger.
 */
export function toExponent(value: number, digits: number): string {
  const text = value.toExponential(digits - 1);
  if (digits >= 100 || !value.toExponential(digits).includes('5e')) return text;
  const exact = value.toExponential(100);
  const beyond = exact.slice(exact.indexOf('.') + digits, exact.indexOf('e'));
  const hasCarried = exact.slice(exact.indexOf('e')) !== text.slice(text.indexOf('e'));
  if (!/^50*$/.test(beyond) || hasCarried) return text;
  return text.replace(/[13579](?=e)/, (odd) => String(Number(odd) - 1));
}
