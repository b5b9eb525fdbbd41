import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { inTransaction } from '../../db/database.ts';
import { type HeldRelay, heldRelays, releaseRelay } from '../../delivery/email/relays/held-relays.store.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import type { RoutePlugin } from '../route.ts';
import { Nullable, OneOf, Time } from '../schemas.ts';

const tags = ['relays'];
const Relay = Type.Object({
  name: Type.String({ description: '`host:port`.' }),
  state: OneOf('up', 'held'),
  since: Nullable(Time),
  because: Nullable(OneOf('sender_auth', 'sender_blocked')),
  code: Nullable(Type.String({ description: 'The codes of its reply, without its words.' })),
});
const NameParams = Type.Object({ name: Type.String({ maxLength: 300 }) });

interface RelayRoutesDeps extends Pick<Services, 'db'> {
  /** The names of the relays of the settings. */
  relays: readonly string[];
}

/** The relays, and how an operator has one tried anew that has refused us as sender. */
export const relayRoutes =
  ({ db, relays }: RelayRoutesDeps): RoutePlugin =>
  async (app) => {
    app.get(
      '/v1/relays',
      {
        schema: {
          ...{ tags, summary: 'The relays; one that has refused us as sender is held' },
          response: { 200: Type.Object({ items: Type.Array(Relay) }) },
        },
      },
      async () => {
        const held = await heldRelays(db);
        // One that the settings no longer name is shown while it is held, so that it can be released.
        const names = new Set([...relays, ...held.map(({ name }) => name)]);
        return { items: [...names].map((name) => shown(name, held)) };
      },
    );
    app.post(
      '/v1/relays/:name/release',
      {
        schema: { ...{ tags, summary: 'Try a relay anew', params: NameParams }, response: { 200: Relay } },
        config: { roles: ['operator'] },
      },
      async (request) => {
        const { name } = request.params;
        await inTransaction(db, async (trx) => {
          const wasHeld = await releaseRelay(trx, name);
          if (!wasHeld && !relays.includes(name)) throw new OwabiError('not_found', 'There is no relay of this name.');
          await audit(trx, request.user.id, 'relay.release', 'relay', null, { relay: name, wasHeld });
        });
        return shown(name, []);
      },
    );
  };

function shown(name: string, held: readonly HeldRelay[]): Static<typeof Relay> {
  const hold = held.find((one) => one.name === name);
  if (!hold) return { name, state: 'up', since: null, because: null, code: null };
  const { since, because, code } = hold;
  return {
    ...{ name, state: 'held', since: since.toISOString(), code },
    because: because as Static<typeof Relay>['because'],
  };
}
