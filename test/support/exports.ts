import type { ExportFormat } from './export-format.ts';
import { englishFormats } from './exports-english.ts';
import { japaneseFormats } from './exports-japanese.ts';
import { shopFormats } from './exports-shops.ts';

export type { ExpectedPerson, ExportFormat } from './export-format.ts';

/** Exports as shops, address books and customer systems write them, of invented people. */
export const exportFormats: ExportFormat[] = [...shopFormats(), ...japaneseFormats(), ...englishFormats()];
