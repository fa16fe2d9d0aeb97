// Runs a test of this folder at full length; `npm test` runs a short piece of each.
//
//   node test/recovery/run.mjs simulation --seeds 20000 [--from 1] [--trace]
//   node test/recovery/run.mjs crash --rounds 200 [--seed 1]
//   node test/recovery/run.mjs power-loss --points 400 [--seed 1]

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** By test: its file, and the environment variable behind each option. */
const tests = {
  simulation: {
    file: 'test/recovery/simulation/simulation.test.ts',
    variables: { seeds: 'SIMULATION_SEEDS', from: 'SIMULATION_FROM' },
    defaults: { seeds: '1000' },
  },
  crash: {
    file: 'test/recovery/kill-nine.test.ts',
    variables: { rounds: 'CRASH_ROUNDS', seed: 'CRASH_SEED' },
    defaults: { rounds: '200' },
  },
  'power-loss': {
    file: 'test/recovery/power-loss/power-loss.test.ts',
    variables: { points: 'POWER_LOSS_POINTS', seed: 'POWER_LOSS_SEED' },
    defaults: { points: '400' },
  },
};

const [name, ...rest] = process.argv.slice(2);
const test = Object.hasOwn(tests, name ?? '') ? tests[name] : undefined;
if (test === undefined) {
  console.error(`which test? ${Object.keys(tests).join(', ')}`);
  process.exit(2);
}
const options = Object.fromEntries(Object.keys(test.variables).map((option) => [option, { type: 'string' }]));
const { values } = parseArgs({ args: rest, options: { ...options, trace: { type: 'boolean' } } });
const environment = { ...process.env };
if (values.trace) environment.SIMULATION_TRACE = '1';
for (const [option, variable] of Object.entries(test.variables)) {
  const value = values[option] ?? test.defaults[option];
  if (value === undefined) continue;
  if (!/^\d+$/.test(value)) {
    console.error(`--${option} takes a whole number, not "${value}"`);
    process.exit(2);
  }
  environment[variable] = value;
}
const child = spawn(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', test.file, '--disable-console-intercept'],
  { cwd: root, env: environment, stdio: 'inherit' },
);
child.on('exit', (code) => process.exit(code ?? 1));
