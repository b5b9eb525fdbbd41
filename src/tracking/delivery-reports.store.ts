import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { MatchedBy } from './applying/report-plan.ts';

/** One thing that was reported of a delivery: codes and times, no words. */
export interface DeliveryReport {
  kind: string;
  class: string | null;
  status: string | null;
  rule: string;
  matchedBy: MatchedBy;
  /** The first report that said so. */
  reportId: string;
  /** It speaks of another address than ours, to which the mail was forwarded. */
  forwarded: boolean;
  /** Whether it changed the delivery's state. */
  applied: boolean;
  /** How often it was said. */
  seen: number;
  firstAt: Date;
  lastAt: Date;
}

/** What was reported of each of these deliveries, in the order in which it was first said. */
export async function reportsOfDeliveries(db: Db, ids: readonly string[]): Promise<Map<string, DeliveryReport[]>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<DeliveryReport & { deliveryId: string }>`
    select delivery_id as "deliveryId", kind, class, status, rule, matched_by as "matchedBy", report_id as "reportId",
      forwarded, applied, seen, first_at as "firstAt", last_at as "lastAt"
    from delivery_reports where delivery_id = any (${ids}::bigint[]) order by id`.execute(db);
  return Map.groupBy(rows, ({ deliveryId }) => deliveryId);
}
