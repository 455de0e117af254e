// Keeps one connection alive: first the same one with new addresses (ICE restart), then a new one, with
// growing pauses, for three minutes. After that a person presses, or the line comes back by itself.
// A link that waits carries nothing: it connects, and one's own voice and picture are put in when it is told.
import { give, offer, peer, type Peer } from './peer';

export type LinkState = 'connecting' | 'up' | 'reconnecting' | 'lost' | 'ended';

const OTHERS = 3;
/** "3分 待っています": as long as the physician's side holds the visit. */
const GIVE_UP_MS = 180_000;
const PAUSES_MS = [0, 0, 1_000, 2_000, 4_000, 8_000];
/** A short gap heals by itself more often than not. */
const GRACE_MS = 2_000;
const UP_WITHIN_MS = 8_000;
const SETTLE_MS = 1_500;

const rest = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export class Link {
  peer: Peer | null = null;
  private state: LinkState = 'connecting';
  private running = false;
  private last: Peer | null = null;
  private grace = 0;
  private hasten: () => void = () => undefined;

  constructor(
    private readonly url: string,
    private readonly own: MediaStream,
    private readonly on: { state(state: LinkState): void; peer(peer: Peer): void },
    /** Whether one's own voice and picture go out. */
    private gives: boolean,
    private readonly others = OTHERS,
  ) {
    window.addEventListener('online', this.back);
    window.addEventListener('offline', this.away);
  }

  /** Connects, or connects again; a second call while it is at work changes nothing. */
  readonly again = (): void => {
    if (this.running || this.state === 'ended' || this.peer?.pc.connectionState === 'connected') return;
    void this.run();
  };

  /** One's own voice and picture go out from now on, or no longer; tracks that changed are taken anew. */
  async give(gives: boolean): Promise<void> {
    this.gives = gives;
    if (this.peer) await give(this.peer, gives ? this.own : null);
  }

  /** The waiting is over: as `again`, and no pause is sat out. */
  hurry(): void {
    this.hasten();
    this.again();
  }

  private readonly away = (): void => {
    if (this.state === 'up') this.become('reconnecting');
  };

  /** After the phone was without any line its addresses are other ones, whatever the old connection says. */
  private readonly back = (): void => {
    if (this.state === 'ended') return;
    // One that is trying already sits out no pause any more.
    if (this.running) this.hasten();
    else void this.run();
  };

  /** The server ended it: nothing is tried any more. */
  end(): void {
    this.become('ended');
    this.close();
  }

  /** The page goes away: as `end`, without a word. */
  close(): void {
    this.state = 'ended';
    window.removeEventListener('online', this.back);
    window.removeEventListener('offline', this.away);
    clearTimeout(this.grace);
    this.peer?.pc.close();
    this.last?.pc.close();
  }

  private become(state: LinkState): void {
    if (this.state === 'ended') return;
    this.state = state;
    this.on.state(state);
  }

  private async run(): Promise<void> {
    this.running = true;
    clearTimeout(this.grace);
    this.become(this.last ? 'reconnecting' : 'connecting');
    const began = performance.now();
    for (let tries = 0; performance.now() - began < GIVE_UP_MS; tries += 1) {
      await this.rest(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0);
      if (this.state === 'ended') break;
      const outcome = await this.attempt(tries === 0);
      if (outcome === 'up') return this.stands();
      if (outcome === 'ended') { this.running = false; this.end(); return; }
      if (outcome === 'refused' || (!this.gives && tries > 0)) break;
    }
    this.running = false;
    this.become('lost');
  }

  private rest(ms: number): Promise<void> {
    return Promise.race([rest(ms), new Promise<void>((done) => { this.hasten = done; })]);
  }

  private stands(): void {
    if (this.last !== this.peer) this.last?.pc.close();
    this.last = this.peer;
    this.running = false;
    this.become('up');
  }

  private async attempt(first: boolean): Promise<'up' | 'ended' | 'refused' | 'later'> {
    const same = first && this.peer && this.peer === this.last && this.peer.pc.signalingState === 'stable' ? this.peer : null;
    if (same) same.pc.restartIce();
    const now = same ?? this.renew();
    try {
      const before = fingerprint(now.pc);
      const outcome = await offer(now, this.url);
      if (outcome !== 'answered') return outcome;
      // Another certificate: the server began anew, and so must we.
      if (before && before !== fingerprint(now.pc)) return 'later';
      return (await this.connected(now.pc)) ? 'up' : 'later';
    } catch {
      return 'later';
    }
  }

  /** The connection that last was up stays open until the next one is: its picture stands still meanwhile. */
  private renew(): Peer {
    if (this.peer !== this.last) this.peer?.pc.close();
    const made = peer(this.own, this.others, this.gives);
    this.peer = made;
    made.pc.addEventListener('connectionstatechange', () => { if (this.peer === made) this.watch(made.pc); });
    this.on.peer(made);
    return made;
  }

  private watch(pc: RTCPeerConnection): void {
    clearTimeout(this.grace);
    if (this.running || this.state === 'ended') return;
    if (pc.connectionState === 'connected') return this.become('up');
    // Whoever waits is in no hurry, and may be waiting in another window, which took the seat.
    if (!this.gives && ['failed', 'closed'].includes(pc.connectionState)) return this.become('lost');
    if (pc.connectionState === 'failed') return this.again();
    if (pc.connectionState !== 'disconnected') return;
    this.become('reconnecting');
    if (this.gives) this.grace = window.setTimeout(this.again, GRACE_MS);
  }

  private async connected(pc: RTCPeerConnection): Promise<boolean> {
    const began = performance.now();
    // After a restart the old state stands for a moment: "connected" is as good as up, "failed" is not yet the answer.
    while (performance.now() - began < UP_WITHIN_MS && this.state !== 'ended') {
      if (pc.connectionState === 'connected') return true;
      if (pc.connectionState === 'closed') return false;
      if (pc.connectionState === 'failed' && performance.now() - began > SETTLE_MS) return false;
      await rest(50);
    }
    return false;
  }
}

const fingerprint = (pc: RTCPeerConnection): string | null =>
  /a=fingerprint:(\S+ \S+)/.exec(pc.remoteDescription?.sdp ?? '')?.[1] ?? null;
