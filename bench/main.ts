import { benchBounces } from './bounces.ts';
import { benchEmail } from './email.ts';
import { benchIntake } from './intake.ts';
import { benchLetters } from './letters.ts';
import { benchStats } from './stats.ts';

const benches: Record<string, (args: string[]) => Promise<void>> = {
  bounces: benchBounces,
  email: benchEmail,
  intake: benchIntake,
  letters: benchLetters,
  stats: benchStats,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = benches[name];
if (!bench) {
  process.stderr.write(`Name a bench: npm run bench -- ${Object.keys(benches).join(' | ')}\n`);
  process.exit(1);
}
await bench(args);
