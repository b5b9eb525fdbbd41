/** What the listener allows; docs/operations.md states each. */
export interface ListenerLimits {
  messageBytes: number;
  recipients: number;
  messagesPerConnection: number;
  connections: number;
  connectionsPerAddress: number;
  errorsPerConnection: number;
  repliesWithoutMessage: number;
  /** Of one network address, an IPv6 /64 counting as one. */
  mailsPerMinute: number;
  /** For one of our addresses: nobody fills the disk who knows a single one. */
  mailsPerRecipientAndMinute: number;
  idleMs: number;
  /** Within this time each connection has to bring a message to its end. */
  messageMs: number;
  storeMs: number;
  /** Of messages that have not been stored, over all connections. */
  heldBytes: number;
}

export const limitsByDefault: Omit<ListenerLimits, 'messageBytes'> = {
  ...{ recipients: 100, messagesPerConnection: 1000 },
  ...{ connections: 200, connectionsPerAddress: 20, errorsPerConnection: 20, repliesWithoutMessage: 300 },
  // All reports may come through one machine that stands before us.
  ...{ mailsPerMinute: 20_000, mailsPerRecipientAndMinute: 30 },
  ...{ idleMs: 60_000, messageMs: 600_000, storeMs: 60_000, heldBytes: 128 * 1024 * 1024 },
};
