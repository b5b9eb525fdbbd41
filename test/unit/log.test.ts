import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** What a process that runs `code` with a log writes to standard output. */
function written(code: string): string {
  const log = fileURLToPath(new URL('../../src/log.ts', import.meta.url));
  const script = `import { makeLog } from ${JSON.stringify(log)}; const log = makeLog('trace'); ${code}`;
  return execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script]).toString();
}

describe('the log', () => {
  it('names an error and where it was thrown, and never says its message, which may quote an address', () => {
    const line = written(`
      const error = Object.assign(new Error('550 <taro@example.jp> unknown'), { code: 'EENVELOPE' });
      log.error({ event: 'delivery.failed', deliveryId: '7', err: error });
      log.error(error);`);
    expect(line).toContain('"event":"delivery.failed","deliveryId":"7"');
    expect(line).toContain('"code":"EENVELOPE"');
    expect(line).not.toContain('taro');
  });

  it('loses no line when the process ends', () => {
    expect(
      written(`for (let i = 0; i < 500; i++) log.info({ event: 'n', i }); process.exit(0);`).trim().split('\n').length,
    ).toBe(500);
  });
});
