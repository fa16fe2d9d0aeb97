/** `+02`, `-03:30`, `+00:19:32` with separator ':'. */
export function formatOffset(offsetSeconds: number, separator: ':' | ''): string {
  const magnitude = Math.abs(offsetSeconds);
  const hours = Math.floor(magnitude / 3600);
  const minutes = Math.floor(magnitude / 60) % 60;
  const seconds = magnitude % 60;
  let text = (offsetSeconds < 0 ? '-' : '+') + String(hours).padStart(2, '0');
  if (minutes !== 0 || seconds !== 0) text += separator + String(minutes).padStart(2, '0');
  if (seconds !== 0) text += separator + String(seconds).padStart(2, '0');
  return text;
}
