/** The mailbox's figure for `/metrics`. */
export function mailboxGauge(isRead: () => boolean) {
  return {
    name: 'owabi_mailbox_read',
    help: 'Whether the mailbox for reports is being read: 1, or 0.',
    labels: [],
    read: async () => [{ labels: {}, value: isRead() ? 1 : 0 }],
  };
}
