import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig, settingNames } from '../../src/config.ts';
import { nodeFlags } from '../../src/start/node-flags.ts';
import { DEAD_AFTER_SECONDS } from '../../src/tasks/worker-life.store.ts';

interface ComposeService {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  healthcheck?: { test: string[] };
}

const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
const { services } = parse(text, { merge: true }) as { services: Record<string, ComposeService> };
const secrets = {
  POSTGRES_PASSWORD: '0123456789abcdef',
  MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  ADMIN_API_KEY: 'fedcba9876543210',
};

/** Fills `${NAME:?sentence}` and `${NAME:-default}` as Compose does; a variable that must be set and is not throws. */
function fill(value: string, variables: Record<string, string>): string {
  return value.replace(/\$\{(\w+):([?-])([^}]*)\}/g, (_whole, name: string, kind: string, rest: string) => {
    const given = variables[name];
    if (given) return given;
    if (kind === '?') throw new Error(`${name}: ${rest}`);
    return rest;
  });
}

function environmentOf(name: string, variables: Record<string, string> = secrets): Record<string, string> {
  const entries = Object.entries(services[name]?.environment ?? {});
  return Object.fromEntries(entries.map(([setting, value]) => [setting, fill(value, variables)]));
}

describe('the service', () => {
  it('is started with the same flags by npm start and by docker-compose.yml', () => {
    const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const command = ['node', ...nodeFlags, 'src/main.ts'];
    expect(scripts.start).toBe(command.join(' '));
    for (const name of ['api', 'worker']) expect(services[name]?.command, name).toEqual(command);
  });
});

describe('docker-compose.yml', () => {
  it('has an API, workers, PostgreSQL, Redis and a mail catcher, each with a health check', () => {
    expect(Object.keys(services).sort()).toEqual(['api', 'install', 'mail', 'postgres', 'redis', 'worker']);
    for (const name of ['api', 'mail', 'postgres', 'redis', 'worker']) {
      expect(services[name]?.healthcheck?.test[0], name).toBe('CMD');
    }
  });

  it.each(['api', 'worker'])('gives the %s only settings that exist', (name) => {
    const unknown = Object.keys(environmentOf(name)).filter(
      (key) => !(settingNames as readonly string[]).includes(key),
    );
    expect(unknown).toEqual([]);
  });

  it.each([['api'], ['worker']] as const)('starts the %s with that role alone, on services that exist', (name) => {
    const config = readConfig(environmentOf(name));
    expect([...config.roles]).toEqual([name]);
    if (config.mail.kind !== 'relays') throw new Error('no relay is set');
    const urls = [config.databaseUrl, config.redisUrl, ...config.mail.urls];
    expect(urls.map((url) => url && new URL(url).hostname)).toEqual(['postgres', 'redis', 'mail']);
  });

  it('gives the database of its URL the same password as the clients', () => {
    const url = new URL(environmentOf('worker').DATABASE_URL ?? '');
    const postgres = environmentOf('postgres');
    expect([url.username, url.password, url.pathname]).toEqual([
      postgres.POSTGRES_USER,
      postgres.POSTGRES_PASSWORD,
      `/${postgres.POSTGRES_DB}`,
    ]);
  });

  it('keeps the files of API and workers in one volume, at the place that the settings name', () => {
    for (const name of ['api', 'worker', 'install']) expect(services[name]?.volumes, name).toContain('blobs:/blobs');
    expect(readConfig(environmentOf('api')).blobDir).toBe('/blobs');
    expect(readConfig(environmentOf('worker')).blobDir).toBe('/blobs');
  });

  it('is refused, with the name of what is missing, while a secret is not set', () => {
    for (const name of Object.keys(secrets)) {
      expect(() => environmentOf('api', { ...secrets, [name]: '' }), name).toThrow(name);
    }
    expect(() => environmentOf('postgres', {})).toThrow('POSTGRES_PASSWORD');
  });

  it('listens beyond the container only for this machine, on the port that the API has, and for mail servers', () => {
    const config = readConfig(environmentOf('api'));
    expect(config.host).toBe('0.0.0.0');
    expect(services.api?.ports).toEqual([`127.0.0.1:3000:${config.port}`, `25:${config.reports.listen?.port}`]);
    expect(services.mail?.ports).toEqual(['127.0.0.1:8025:8025']);
  });

  it('asks of a worker the heartbeat that the others ask of it', () => {
    const check = services.worker?.healthcheck?.test.at(-1) ?? '';
    expect(check).toContain(`interval '${DEAD_AFTER_SECONDS} seconds'`);
    // Compose reads `$$` as `$`; a single one would be taken for a variable.
    expect(check.replaceAll('$$', '')).not.toContain('$');
  });

  it('runs the major version of Node that the project brings', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const major = dependencies.node.split('.')[0];
    for (const name of ['api', 'worker', 'install'])
      expect(services[name]?.image).toMatch(new RegExp(`^node:${major}-`));
  });
});
