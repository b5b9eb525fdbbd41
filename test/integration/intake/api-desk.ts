import { candidateRoutes } from '../../../src/http/api/candidates.routes.ts';
import { listRowRoutes } from '../../../src/http/api/list-rows.routes.ts';
import { listRoutes } from '../../../src/http/api/lists.routes.ts';
import { noticeRoutes } from '../../../src/http/api/notices.routes.ts';
import { personRoutes } from '../../../src/http/api/persons.routes.ts';
import { statsRoutes } from '../../../src/http/api/stats.routes.ts';
import { type TestServer, type TestServerOptions, testServer } from '../../support/http.ts';
import { doWork } from './work.ts';

/** An operator at the API, with a worker who does at once what becomes necessary. */
export async function apiDesk(further: Pick<TestServerOptions, 'routes' | 'settings' | 'barcode' | 'postal'> = {}) {
  const server = await testServer({
    ...(further.settings && { settings: further.settings }),
    ...(further.barcode && { barcode: further.barcode }),
    ...(further.postal && { postal: further.postal }),
    routes: (services) => [
      ...[listRoutes(services), listRowRoutes(services), personRoutes(services), candidateRoutes(services)],
      ...[noticeRoutes({ ...services, preflight: null }), statsRoutes(services), ...(further.routes?.(services) ?? [])],
    ],
  });

  const work = () => doWork(server);

  const ok = async (...call: Parameters<TestServer['call']>) => {
    const { status, body } = await server.call(...call);
    if (status >= 300) throw new Error(`${call[1]} ${call[2]}: ${status} ${JSON.stringify(body)}`);
    return body;
  };
  const post = (url: string, body?: unknown) => ok('operator', 'POST', url, body);
  const get = (url: string) => ok('operator', 'GET', url);
  return {
    ...{ server, work, ok, post, get, close: () => server.close() },
    /** Status and code of what is refused. */
    async refusal(url: string, body: unknown, who: Parameters<TestServer['call']>[0] = 'operator'): Promise<string> {
      const answer = await server.call(who, 'POST', url, body);
      return `${answer.status} ${answer.body.code}`;
    },
    async openIncident(): Promise<string> {
      const { sampleFacts } = await get('/v1/templates/warning');
      const body = { title: '試験', locale: 'ja', timeZone: 'Asia/Tokyo', facts: sampleFacts.ja };
      return (await post('/v1/incidents', body)).id;
    },
    /** Uploads and accepts a list. */
    async list(incidentId: string, csv: string, query = 'source=shop'): Promise<string> {
      const path = `/v1/incidents/${incidentId}/lists?accept=auto&${query}`;
      const { id } = await ok('operator', 'POST', path, csv, { 'content-type': 'text/csv' });
      await work();
      const now = await get(`/v1/lists/${id}`);
      if (now.status !== 'accepted') throw new Error(`the list is ${now.status}: ${JSON.stringify(now.problem)}`);
      return id;
    },
    async find(incidentId: string, q: string): Promise<{ id: string; reference: string; name: string }[]> {
      return (await post(`/v1/incidents/${incidentId}/persons/search`, { q })).items;
    },
    person: (id: string) => get(`/v1/persons/${id}`),
    async candidates(incidentId: string, status = 'open') {
      return (await get(`/v1/incidents/${incidentId}/candidates?status=${status}`)).items;
    },
    /** A notice to everybody, frozen and waiting for approval. */
    async freeze(incidentId: string, over: object = {}): Promise<string> {
      const notice = { template: 'warning', channels: 'letter', ...over };
      const { id } = await post(`/v1/incidents/${incidentId}/notices`, notice);
      await post(`/v1/notices/${id}/submit`);
      await work();
      const { status, problems } = await get(`/v1/notices/${id}`);
      if (status !== 'awaiting_approval') throw new Error(`the notice is ${status}: ${JSON.stringify(problems)}`);
      return id;
    },
    statusOf: async (noticeId: string): Promise<string> => (await get(`/v1/notices/${noticeId}`)).status,
    stats: (incidentId: string) => get(`/v1/incidents/${incidentId}/stats`),
  };
}

export type ApiDesk = Awaited<ReturnType<typeof apiDesk>>;
