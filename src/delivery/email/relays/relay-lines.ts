import type { RelayConnection } from './connect-relay.ts';
import type { RelaySetting } from './relay-setting.ts';

/** A relay and how it does at present. */
export interface Relay extends RelaySetting {
  /** Its connections, those being opened included. */
  open: number;
  /** It refuses us as sender. */
  held: boolean;
  /** Until then no connection to it is opened; by the caller's clock, in ms. */
  coolsUntil: number;
  /** Times it has begun to cool since it last took part in a message. */
  failures: number;
}

/** An open connection to a relay. */
export interface Line {
  relay: Relay;
  connection: RelayConnection;
  /** Messages it has carried. */
  sent: number;
  /** Cuts it when a message takes far too long. */
  limit: NodeJS.Timeout;
}

/** A line that is free, or a relay to which one may be opened: it is counted as open already. */
export type Place = Line | Relay;

interface Waiter {
  except: ReadonlySet<Relay>;
  resolve(place: Place | null): void;
}

/**
 * The lines of a process: at most `size` of them, shared out over the relays by their weights. Whoever wants one and
 * finds none free waits in turn. It keeps count only: opening and closing is for others.
 */
export class RelayLines {
  readonly #relays: readonly Relay[];
  readonly #size: number;
  readonly #now: () => number;
  readonly #discard: (line: Line) => void;
  readonly #lines = new Set<Line>();
  readonly #free: Line[] = [];
  readonly #waiting: Waiter[] = [];
  #open = 0;

  /**
   * @param now the clock that `coolsUntil` goes by
   * @param discard closes a line that is no longer wanted
   */
  constructor(relays: readonly Relay[], size: number, now: () => number, discard: (line: Line) => void) {
    this.#relays = relays;
    this.#size = size;
    this.#now = now;
    this.#discard = discard;
  }

  /** A place at a relay that is not in `except`; null when there is none, nor one to wait for. */
  take(except: ReadonlySet<Relay>): Place | null | Promise<Place | null> {
    const place = this.takeNow(except);
    return place === 'later' ? new Promise((resolve) => this.#waiting.push({ except, resolve })) : place;
  }

  /** As `take`, for whoever does not stand in line: `later` when there will be a place. */
  takeNow(except: ReadonlySet<Relay>): Place | 'later' | null {
    const line = this.#takeFree(except);
    if (line) return line;
    const now = this.#now();
    const usable = this.#relays.filter((relay) => !relay.held && !except.has(relay));
    const relay = emptiest(usable.filter(({ coolsUntil }) => coolsUntil <= now));
    if (relay && this.#makeRoom()) {
      relay.open++;
      this.#open++;
      return relay;
    }
    return usable.some(({ coolsUntil, open }) => coolsUntil <= now || open > 0) ? 'later' : null;
  }

  /** Every open line, in use or not. */
  get all(): readonly Line[] {
    return [...this.#lines];
  }

  /** A line was opened at a place; whoever opened it has it. */
  add(line: Line): void {
    this.#lines.add(line);
  }

  /** No line could be opened at a place. */
  cancel(relay: Relay): void {
    relay.open--;
    this.#open--;
    this.#serve();
  }

  /** The line can carry another message. */
  giveBack(line: Line): void {
    if (!this.#lines.has(line)) return;
    const index = this.#waiting.findIndex(({ except }) => !except.has(line.relay));
    if (line.relay.held || line.sent >= line.relay.messages) this.end(line);
    else if (index >= 0) this.#waiting.splice(index, 1)[0]?.resolve(line);
    else {
      this.#free.push(line);
      // Whoever still waits cannot use it, and may want its place.
      if (this.#waiting.length > 0) this.#serve();
    }
  }

  /** Ends a line, whether it is free, in use, or has ended already. */
  end(line: Line): void {
    this.#forget(line);
    this.#serve();
  }

  /** A line was ended from the other side. Of one in use, whoever uses it is told. */
  endIfFree(line: Line): void {
    if (this.#free.includes(line)) this.end(line);
  }

  /** Takes over which relays are held; their free lines end. */
  hold(isHeld: (name: string) => boolean): void {
    for (const relay of this.#relays) relay.held = isHeld(relay.name);
    for (const line of this.#free.filter(({ relay }) => relay.held)) this.#forget(line);
    this.#serve();
  }

  /** Nobody who waits gets a place any more. */
  sendAway(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(null);
  }

  /** Sends away all who wait and ends every line. */
  endAll(): void {
    this.sendAway();
    for (const line of this.#lines) this.#forget(line);
  }

  #takeFree(except: ReadonlySet<Relay>): Line | undefined {
    // The last one first: what was used just now is known to be open.
    for (let i = this.#free.length - 1; i >= 0; i--) {
      const line = this.#free[i];
      if (!line || line.relay.held || except.has(line.relay)) continue;
      this.#free.splice(i, 1);
      return line;
    }
    return undefined;
  }

  /** What is free now was not good for whoever asks: one of it makes room for what is. */
  #makeRoom(): boolean {
    const [spare] = this.#free;
    if (this.#open >= this.#size && spare) this.#forget(spare);
    return this.#open < this.#size;
  }

  #serve(): void {
    for (const waiter of [...this.#waiting]) {
      const place = this.takeNow(waiter.except);
      if (place === 'later') continue;
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      waiter.resolve(place);
    }
  }

  #forget(line: Line): void {
    if (!this.#lines.delete(line)) return;
    const index = this.#free.indexOf(line);
    if (index >= 0) this.#free.splice(index, 1);
    line.relay.open--;
    this.#open--;
    this.#discard(line);
  }
}

/** The relay with the fewest connections for its weight, of those that may have another. */
function emptiest(relays: readonly Relay[]): Relay | undefined {
  const load = ({ open, weight }: Relay): number => open / weight;
  return relays
    .filter(({ open, connections }) => open < (connections ?? Number.POSITIVE_INFINITY))
    .reduce<Relay | undefined>((best, relay) => (best && load(best) <= load(relay) ? best : relay), undefined);
}
