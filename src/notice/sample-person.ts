import type { NoticeLocale, RenderPerson } from '../rendering/types.ts';

const common = { honorific: null, company: null, department: null };
const exposures = [{ kind: 'card', units: 1, brand: 'VISA', last4: '0000' }];

/** Nobody: for tests and previews, and for telling what is wrong with a message from what is wrong with a person. */
export function samplePerson(locale: NoticeLocale): RenderPerson {
  const reference = '000000000';
  if (locale === 'ja') {
    const address = { postalCode: '1000001', addressLines: ['東京都千代田区見本町1-2-3'], country: 'JP' };
    return { ...common, ...address, reference, name: '見本 太郎', exposures };
  }
  const address = { postalCode: '12345', addressLines: ['1 Sample Street', 'Sampleton'], country: 'US' };
  return { ...common, ...address, reference, name: 'Sample Person', exposures };
}
