import type { ReportFormat } from '../report-mail.ts';
import { exchange } from './exchange.ts';
import { exim } from './exim.ts';
import { gateways } from './gateways.ts';
import { google } from './google.ts';
import { japanese } from './japanese.ts';
import { notes } from './notes.ts';
import { postfix } from './postfix.ts';
import { qmail } from './qmail.ts';
import { sendmail } from './sendmail.ts';
import { servers } from './servers.ts';
import { services } from './services.ts';

// What many might have written is asked for last, whatever its family.
const weak = ['kerio', 'japanese_list', 'qmail_like'];
const all = [
  ...[google, japanese, exchange, notes, gateways, services, servers],
  ...[[sendmail], exim, postfix, qmail],
].flat();

/**
 * All formats that follow no standard, in the order in which they are asked: what one system alone writes comes before
 * what others imitate or quote (Sendmail's transcript, Exim's opening, Postfix's and qmail's brackets).
 */
export const formats: readonly ReportFormat[] = [
  ...all.filter(({ name }) => !weak.includes(name)),
  ...weak.flatMap((name) => all.filter((format) => format.name === name)),
];
