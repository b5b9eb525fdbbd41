import { openMailFile } from './mail-file.ts';
import { messageIdOf } from './message-id.ts';
import { makeRecipientRules } from './recipient-rules.ts';
import { startSmtpServer, type Verdict } from './smtp-protocol.ts';
import { startWeb } from './web.ts';

export interface CatcherOptions {
  /** Where the mails are kept, in the clear; made with mode 0700. */
  dir: string;
  /** 0 takes a free port. */
  smtpPort: number;
  /** 0 takes a free port. */
  httpPort: number;
  log: { info(event: object): void; error(event: object): void };
}

export interface Catcher {
  smtpUrl: string;
  webUrl: string;
  close(): Promise<void>;
}

/**
 * The built-in mail catcher, for development and demos: takes mail for every address, keeps it on disk, shows it in a
 * browser, and sends nothing anywhere. Listens on 127.0.0.1 only. It says 250 when the message has been written;
 * 451 4.3.0 when it cannot be. Recipients at two domains are refused or put off: see `recipient-rules.ts`.
 * Logs `catcher.listening` with both addresses; never a recipient.
 */
export async function startCatcher({ dir, smtpPort, httpPort, log }: CatcherOptions): Promise<Catcher> {
  const file = await openMailFile(dir);
  const rule = makeRecipientRules();
  const smtp = await startSmtpServer(
    {
      rcpt: (_mail, to) => rule(to),
      message: async ({ from, to }, body): Promise<Verdict> => {
        try {
          await file.append({ from, to, at: new Date().toISOString(), messageId: messageIdOf(body) }, body);
          return 'accept';
        } catch (error) {
          log.error({ event: 'catcher.write_failed', code: (error as NodeJS.ErrnoException).code ?? 'partial_write' });
          throw error;
        }
      },
    },
    smtpPort,
  );
  const web = await startWeb(file, httpPort, () => log.error({ event: 'catcher.page_failed' }));
  const smtpUrl = `smtp://127.0.0.1:${smtp.port}`;
  log.info({ event: 'catcher.listening', webUrl: web.url, smtpUrl });
  return {
    smtpUrl,
    webUrl: web.url,
    close: async () => {
      await smtp.close();
      await web.close();
      await file.close();
    },
  };
}
