#!/usr/bin/env node
import './platform/compile-early.ts';
import { Command } from 'commander';
import { certCommand } from './cli/cert.ts';
import { checkCommand } from './cli/check.ts';
import { demoCommand } from './cli/demo.ts';
import { importCommand } from './cli/import.ts';
import { reportFailure } from './cli/report-failure.ts';
import { serveCommand } from './cli/serve.ts';
import { tokenCommand } from './cli/token.ts';
import { VERSION } from './server/version.ts';

const program = new Command('tidewire')
  .description('A time-series database that every PostgreSQL client already speaks')
  .version(VERSION)
  .showHelpAfterError('(run with --help to see the options)')
  .addCommand(serveCommand())
  .addCommand(importCommand())
  .addCommand(checkCommand())
  .addCommand(certCommand())
  .addCommand(tokenCommand())
  .addCommand(demoCommand());
for (const command of program.commands) command.copyInheritedSettings(program);

try {
  await program.parseAsync();
} catch (error) {
  reportFailure(error);
}
