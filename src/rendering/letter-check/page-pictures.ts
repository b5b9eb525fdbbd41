/** Pictures of pages, made by PDFium at 72 dots to the inch. */
import { PDFiumLibrary } from '@hyzyla/pdfium';
import type { GreyPicture } from './png.ts';

let library: Promise<PDFiumLibrary> | undefined;

/**
 * @param pages their numbers in the file, from 1
 * @returns in the order of `pages`; null for a page that the file does not have, or that cannot be drawn
 */
export async function pagePictures(pdf: Uint8Array, pages: number[]): Promise<(GreyPicture | null)[]> {
  // Loaded for the first picture: most processes never make one.
  library ??= PDFiumLibrary.init();
  let document: Awaited<ReturnType<PDFiumLibrary['loadDocument']>> | undefined;
  try {
    document = await (await library).loadDocument(pdf);
    const pictures: (GreyPicture | null)[] = [];
    for (const page of pages) {
      if (page > document.getPageCount()) {
        pictures.push(null);
        continue;
      }
      const { width, height, data } = await document.getPage(page - 1).render({ scale: 1, colorSpace: 'Gray' });
      pictures.push({ width, height, pixels: data });
    }
    return pictures;
  } catch {
    return pages.map(() => null);
  } finally {
    document?.destroy();
  }
}
