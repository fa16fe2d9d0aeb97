import { expect, test } from 'vitest';
import { MemoryFileSystem, type Operation } from '../../support/memory-file-system.ts';
import { bytesOf, openLog, readTexts } from '../../support/open-write-log.ts';

const OPERATIONS: Operation[] = ['open', 'read', 'write', 'sync', 'truncate', 'rename', 'remove', 'syncDirectory'];

/** Appends, trims and closes; returns what was acknowledged, and whether anything was after the log had failed. */
async function work(fileSystem: MemoryFileSystem) {
  const acknowledged: number[] = [];
  let isAcknowledgedAfterFailure = false;
  const log = await openLog(fileSystem);
  for (let index = 0; index < 25; index++) {
    const { lsn, durable } = log.append(bytesOf('x'.repeat(600)));
    const hadFailed = log.failure !== undefined;
    await durable.then(
      () => {
        acknowledged.push(lsn);
        isAcknowledgedAfterFailure ||= hadFailed;
      },
      () => {},
    );
    if (index === 15) await log.trim(5).catch(() => {});
  }
  await log.close().catch(() => {});
  return { acknowledged, isAcknowledgedAfterFailure };
}

for (const code of ['EIO', 'ENOSPC']) {
  for (const isLasting of [false, true]) {
    for (const operation of OPERATIONS) {
      test(`${code} from the n-th ${operation}${isLasting ? ' on' : ''}, for every n, loses nothing that was acknowledged`, async () => {
        for (let after = 0; ; after++) {
          const fileSystem = new MemoryFileSystem();
          fileSystem.fail({ operation, code, after, isLasting, writtenBytes: after * 37 });
          let outcome: Awaited<ReturnType<typeof work>> | undefined;
          try {
            outcome = await work(fileSystem);
          } catch (error) {
            // It could not be opened: then somebody was told.
            expect(error).toMatchObject({ code });
          }
          const wasReached = (fileSystem.counts.get(operation) ?? 0) > after;
          fileSystem.clearFaults();
          const found = (await readTexts(await openLog(fileSystem, { neededFrom: 6 }), 6)).map(([lsn]) => lsn);
          expect(found, `n = ${after}`).toEqual(
            expect.arrayContaining(outcome?.acknowledged.filter((lsn) => lsn > 5) ?? []),
          );
          expect(outcome?.isAcknowledgedAfterFailure ?? false).toBe(false);
          if (!wasReached) break;
        }
      });
    }
  }
}
