/** Bytes that all connections together may hold. */
export interface ByteBudget {
  /** False, and nothing is taken, when there is no room. */
  take(bytes: number): boolean;
  release(bytes: number): void;
  held(): number;
}

export function makeByteBudget(most: number): ByteBudget {
  let held = 0;
  return {
    take(bytes) {
      if (held + bytes > most) return false;
      held += bytes;
      return true;
    },
    release(bytes) {
      held -= bytes;
    },
    held: () => held,
  };
}

// Pieces are copied together: of a sender that sends byte by byte each would cost a hundred times what it holds.
const BLOCK_BYTES = 32 * 1024;

/** A message as it comes in. What is over a limit is counted and thrown away. */
export class MessageBody {
  /** Bytes that have come. */
  size = 0;
  refused: 'too_large' | 'no_room' | null = null;
  readonly mostBytes: number;
  private readonly budget: ByteBudget;
  private blocks: Buffer[] = [];
  private taken = 0;
  /** Free bytes in the last block. */
  private free = 0;

  constructor({ mostBytes, budget }: { mostBytes: number; budget: ByteBudget }) {
    this.mostBytes = mostBytes;
    this.budget = budget;
  }

  add(piece: Buffer): void {
    this.size += piece.length;
    if (this.size > this.mostBytes) this.refuse('too_large');
    for (let at = 0; this.refused === null && at < piece.length; ) {
      if (this.free === 0 && !this.grow()) break;
      const block = this.blocks.at(-1) as Buffer;
      const copied = piece.copy(block, block.length - this.free, at);
      this.free -= copied;
      at += copied;
    }
  }

  /** Everything that has come, when nothing was refused. It counts as held until `release`. */
  bytes(): Buffer {
    const whole = Buffer.concat(this.blocks, this.size);
    this.blocks = [];
    this.free = 0;
    return whole;
  }

  release(): void {
    this.blocks = [];
    this.free = 0;
    this.budget.release(this.taken);
    this.taken = 0;
  }

  private grow(): boolean {
    if (!this.budget.take(BLOCK_BYTES)) {
      this.refuse('no_room');
      return false;
    }
    this.taken += BLOCK_BYTES;
    this.free = BLOCK_BYTES;
    this.blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES));
    return true;
  }

  private refuse(reason: 'too_large' | 'no_room'): void {
    // A message that is too large is so for good, whatever the room.
    if (this.refused !== 'too_large') this.refused = reason;
    this.release();
  }
}
