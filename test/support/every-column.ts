import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';

/** Where the embedded PostgreSQL of a running service listens. */
export async function embeddedUrl(dataDir: string): Promise<string> {
  const port = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[3];
  const password = (await readFile(join(dataDir, 'postgres.password'), 'utf8')).trim();
  return `postgresql://owabi:${password}@127.0.0.1:${port}/postgres`;
}

/** Every value of every column of every table, of the queue's too, as bytes by `schema.table`. */
export async function everyColumn(url: string): Promise<Map<string, Buffer>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows: tables } = await client.query<{
    schema: string;
    name: string;
    columns: { name: string; type: string }[];
  }>(`
    select table_schema as schema, table_name as name,
      jsonb_agg(jsonb_build_object('name', column_name, 'type', data_type)) as columns
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') group by 1, 2`);
  const contents = new Map<string, Buffer>();
  for (const { schema, name, columns } of tables) {
    const id = (word: string) => `"${word.replaceAll('"', '""')}"`;
    const list = columns.map((column) => (column.type === 'bytea' ? id(column.name) : `${id(column.name)}::text`));
    const { rows } = await client.query<unknown[]>({
      text: `select ${list} from ${id(schema)}.${id(name)}`,
      rowMode: 'array',
    });
    const values = rows.flat().filter((value) => value !== null);
    contents.set(
      `${schema}.${name}`,
      Buffer.concat(values.map((value) => Buffer.concat([toBytes(value), Buffer.of(0)]))),
    );
  }
  await client.end();
  return contents;
}

/** Every key and value of a Redis. */
export async function everyKey(url: string): Promise<Buffer> {
  const client = new Redis(url);
  const pieces: string[] = [];
  for (const key of await client.keys('*')) {
    const type = await client.type(key);
    const read = {
      string: () => client.get(key),
      hash: () => client.hgetall(key),
      list: () => client.lrange(key, 0, -1),
      set: () => client.smembers(key),
      zset: () => client.zrange(key, '0', '-1'),
      stream: () => client.xrange(key, '-', '+'),
    }[type];
    pieces.push(key, JSON.stringify(await read?.()));
  }
  client.disconnect();
  return Buffer.from(pieces.join('\0'));
}

const toBytes = (value: unknown): Buffer => (Buffer.isBuffer(value) ? value : Buffer.from(String(value)));
