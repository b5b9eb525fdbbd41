import type { ListenerCounts } from './listener.ts';

type Figures = { labels: Record<string, string>; value: number }[];

/** The listener's figures for `/metrics`. */
export function listenerGauges(counts: () => ListenerCounts) {
  const one = (value: number): Figures => [{ labels: {}, value }];
  const each = (label: string, values: ReadonlyMap<string, number>): Figures =>
    [...values].map(([name, value]) => ({ labels: { [label]: name }, value }));
  return [
    {
      ...{ name: 'owabi_listener_reports_total', help: 'Reports taken by SMTP.', labels: ['outcome'] },
      grows: true as const,
      read: async () => each('outcome', counts().reports),
    },
    {
      ...{ name: 'owabi_listener_refusals_total', help: 'What the SMTP listener refused.', labels: ['reason'] },
      grows: true as const,
      read: async () => each('reason', counts().refusals),
    },
    {
      ...{ name: 'owabi_listener_connections', help: 'Connections to the SMTP listener.', labels: [] },
      read: async () => one(counts().connections),
    },
    {
      ...{ name: 'owabi_listener_held_bytes', help: 'Memory for reports that are not stored yet.', labels: [] },
      read: async () => one(counts().heldBytes),
    },
  ];
}
