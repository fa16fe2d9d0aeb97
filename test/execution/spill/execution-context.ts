import type { ExecutionContext } from '../../../src/execution/execution-context.ts';
import { MemoryAccount } from '../../../src/execution/memory-account.ts';
import { SpillSpace } from '../../../src/execution/spill/spill-space.ts';
import { TemporaryFiles } from '../../../src/execution/spill/temporary-files.ts';
import { StatementControl } from '../../../src/execution/statement-control.ts';
import type { FunctionEnvironment } from '../../../src/functions/environment.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';

export interface SpillingContext {
  readonly context: ExecutionContext;
  readonly fileSystem: MemoryFileSystem;
}

/** For operators alone: no tables, `memoryBytes` of memory, `diskBytes` of disk. */
export async function spillingContext({
  memoryBytes,
  diskBytes = Number.POSITIVE_INFINITY,
}: {
  readonly memoryBytes: number;
  readonly diskBytes?: number;
}): Promise<SpillingContext> {
  const fileSystem = new MemoryFileSystem();
  const files = await TemporaryFiles.open(fileSystem, '/tmp');
  const context = {
    snapshot: { lsn: 0 } as unknown as ExecutionContext['snapshot'],
    table: () => {
      throw new Error('there is no table here');
    },
    parameters: [],
    environment: {} as FunctionEnvironment,
    control: new StatementControl(),
    memory: new MemoryAccount(memoryBytes),
    spill: new SpillSpace(files, diskBytes),
  };
  return { context, fileSystem };
}
