/** Tells what happens in a history, line by line, when `npm run test:simulation` was given --trace. */
export function trace(what: string, ...details: readonly unknown[]): void {
  if (process.env.SIMULATION_TRACE === undefined) return;
  const texts = details.map((detail) => (typeof detail === 'string' ? detail : JSON.stringify(detail)));
  console.log(what, ...texts);
}
