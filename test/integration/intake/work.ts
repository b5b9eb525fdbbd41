import { randomUUID } from 'node:crypto';
import { makeAcceptList } from '../../../src/intake/lists/accept-list.job.ts';
import { makeCheckList } from '../../../src/intake/lists/check-list.job.ts';
import { makeFreezeNotice } from '../../../src/notice/freeze-notice.job.ts';
import { makeLetterPress } from '../../../src/rendering/letter-press.ts';
import { claimTask } from '../../../src/tasks/task.store.ts';
import type { TestServer } from '../../support/http.ts';

// Its thread starts with the first letter and keeps no test alive.
const press = makeLetterPress({ threads: 1 });

/** Does the tasks that were hinted at, as a worker would. */
export async function doWork({ services, hints }: Pick<TestServer, 'services' | 'hints'>): Promise<void> {
  for (let hint = hints.shift(); hint; hint = hints.shift()) {
    const workerId = randomUUID();
    await services.db.insertInto('workers').values({ id: workerId }).execute();
    const task = await claimTask(services.db, hint.taskId, workerId);
    if (task?.kind === 'check-list') await makeCheckList(services)(task);
    if (task?.kind === 'accept-list') await makeAcceptList(services)(task);
    if (task?.kind === 'freeze-notice') await makeFreezeNotice({ ...services, press })(task);
  }
}
