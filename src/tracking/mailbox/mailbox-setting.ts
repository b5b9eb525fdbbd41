/** A mailbox as its URL in BOUNCE_IMAP_URL describes it. */
export interface MailboxSetting {
  /** `host:port`, without user and password: it may be shown and logged. */
  name: string;
  host: string;
  port: number;
  /** TLS from the first byte; else STARTTLS. */
  secure: boolean;
  /** On this machine it may be spoken to in the clear, and any certificate will do: nobody listens on the way. */
  isLoopback: boolean;
  user: string;
  password: string;
  /** The folder that is read. */
  folder: string;
  /** Where what was kept goes. */
  processed: string;
  /** Where what is too large to be kept goes. */
  tooLarge: string;
}

const OURS = ['processed', 'tooLarge'];

/**
 * Reads BOUNCE_IMAP_URL: `imaps://user:password@host:993/INBOX?processed=Owabi%20processed`, or `imap://` for STARTTLS,
 * which over a network is demanded.
 * @throws Error with a sentence for whoever set it, which does not hold the URL: there is a password in it
 */
export function readMailboxSetting(given: string): MailboxSetting {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (!url || !/^imaps?:$/.test(url.protocol) || !url.hostname || !url.username || !url.password) {
    throw new Error('BOUNCE_IMAP_URL must be a URL such as imaps://user:password@mail.example.jp/INBOX.');
  }
  // Not told by its name: half a password stands here when there is a ? in it that should be %3F.
  if (url.hash || [...url.searchParams.keys()].some((key) => !OURS.includes(key))) {
    throw new Error(
      `BOUNCE_IMAP_URL has a parameter that is not known; known are ${OURS.join(' and ')}. A ? or # in the password is written %3F or %23.`,
    );
  }
  const secure = url.protocol === 'imaps:';
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (secure ? 993 : 143);
  return {
    ...{ name: `${host}:${port}`, host, port, secure, isLoopback: isLoopback(host) },
    ...{ user: decode(url.username), password: decode(url.password) },
    ...readFolders(url),
  };
}

function readFolders(url: URL): Pick<MailboxSetting, 'folder' | 'processed' | 'tooLarge'> {
  const named = (key: string, fallback: string) => url.searchParams.get(key)?.trim() || fallback;
  const folders = {
    folder: decode(url.pathname.slice(1)) || 'INBOX',
    processed: named('processed', 'Owabi processed'),
    tooLarge: named('tooLarge', 'Owabi too large'),
  };
  // What was moved into the folder that is read would be read again, for ever.
  const { folder, processed, tooLarge } = folders;
  if ([processed, tooLarge].some((other) => other.toLowerCase() === folder.toLowerCase())) {
    throw new Error('BOUNCE_IMAP_URL must name a folder for processed mail that is not the one that is read.');
  }
  return folders;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('BOUNCE_IMAP_URL has a % that is not followed by two digits: a % itself is written %25.');
  }
}

// By the name alone: what a name resolves to is decided by whoever answers for the DNS.
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
