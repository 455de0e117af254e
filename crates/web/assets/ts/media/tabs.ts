// One person, one seat of a visit, and two windows of one browser: the newest that is looked at has the call, the others
// step aside and say so. Without this each would take the seat from the other, for as long as both are open.

type Claim = { seen: boolean; at: number };

const wins = (one: Claim, other: Claim): boolean => (one.seen === other.seen ? one.at > other.at : one.seen);

export class Tabs {
  private readonly channel: BroadcastChannel | null;
  private own: Claim | null = null;

  constructor(seat: string, private readonly aside: () => void) {
    this.channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(`onshin-call ${seat}`) : null;
    this.channel?.addEventListener('message', (event: MessageEvent<Claim>) => this.hear(event.data));
  }

  /** This window has the call from now on. */
  claim(): void {
    this.own = { seen: document.visibilityState === 'visible', at: performance.timeOrigin + performance.now() };
    this.channel?.postMessage(this.own);
  }

  private hear(other: Claim): void {
    if (!this.own) return;
    // A window that lost is told, once: it claims no more.
    if (wins(this.own, other)) return void this.channel?.postMessage(this.own);
    this.own = null;
    this.aside();
  }
}
