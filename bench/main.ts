import { benchEmail } from './email.ts';

const benches: Record<string, (args: string[]) => Promise<void>> = { email: benchEmail };

const [name = '', ...args] = process.argv.slice(2);
const bench = benches[name];
if (!bench) {
  process.stderr.write(`Name a bench: npm run bench -- ${Object.keys(benches).join(' | ')}\n`);
  process.exit(1);
}
await bench(args);
