import { PDFiumLibrary } from '@hyzyla/pdfium';

const SCALE = 3;
const CLEARLY = 96;

/**
 * Dots of a page, at 216 to the inch, that are clearly lighter or darker than the same dot of another file's page and
 * than all around that: a hundredth of a millimetre, by which lines may differ, can move an edge by one dot.
 */
export async function differentDots(one: Uint8Array, other: Uint8Array, page: number): Promise<number> {
  const library = await PDFiumLibrary.init();
  try {
    const [ours, theirs] = [await drawn(library, one, page), await drawn(library, other, page)];
    if (ours.width !== theirs.width || ours.height !== theirs.height) throw new Error('pages of different sizes');
    let different = 0;
    for (let at = 0; at < ours.data.length; at++) {
      if (!isNear(ours.data[at] ?? 0, theirs, at)) different++;
    }
    return different;
  } finally {
    library.destroy();
  }
}

interface Picture {
  width: number;
  height: number;
  data: Uint8Array;
}

async function drawn(library: PDFiumLibrary, pdf: Uint8Array, page: number): Promise<Picture> {
  const document = await library.loadDocument(pdf);
  try {
    return await document.getPage(page - 1).render({ scale: SCALE, colorSpace: 'Gray' });
  } finally {
    document.destroy();
  }
}

function isNear(dot: number, { width, data }: Picture, at: number): boolean {
  for (const row of [0, -width, width]) {
    for (const column of [0, -1, 1]) if (Math.abs(dot - (data[at + row + column] ?? 255)) <= CLEARLY) return true;
  }
  return false;
}
