// How the line is, from the browser's own counters. Reading them and judging them are two things: the
// judgement is pure and takes the samples one by one.

export type Sample = {
  at: number;
  /** Packets of voice and of picture that came, over all people. */
  audio: number;
  video: number;
  frames: number;
  lost: number;
  rttMs: number | null;
  jitterMs: number | null;
  /** Share of our own packets that the server missed, 0 to 1. */
  sentLost: number | null;
  /** What the browser thinks it may send, bit/s. */
  roomBits: number | null;
  /** Answers of the server to our own pings; null where the browser does not count them. */
  pongs: number | null;
  path: 'udp' | 'tcp' | 'none';
};

/**
 * `gone`: nothing comes from anybody, but the server answers: the others left, or their line did.
 * `ours`: the server does not answer either, so it is this line. Neither: it is too early to say.
 */
export type Verdict = { ever: boolean; voice: boolean; picture: boolean; weak: boolean; gone: boolean; ours: boolean };

const GONE_MS = 5_000;
/** A browser pings every 2.5 s and is asked every 2 s. */
const NO_PONG_MS = 6_000;
const AFTER_MS = 1_000;
const NO_PICTURE_MS = 4_000;
const LOSS = 0.05;
const RTT_MS = 600;
const ROOM_BITS = 120_000;
const BAD_TO_ENTER = 2;
const GOOD_TO_LEAVE = 3;

// Statistics differ a little between browsers: each field is read as possibly missing.
type Row = Record<string, unknown> & { type: string };
const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const maybe = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

export async function sample(pc: RTCPeerConnection): Promise<Sample> {
  const made: Sample = { at: performance.now(), audio: 0, video: 0, frames: 0, lost: 0, rttMs: null, jitterMs: null, sentLost: null, roomBits: null, pongs: null, path: 'none' };
  const rows = new Map<string, Row>();
  (await pc.getStats()).forEach((row: Row & { id: string }) => rows.set(row.id, row));
  for (const row of rows.values()) {
    if (row.type === 'inbound-rtp') {
      made.lost += Math.max(0, number(row['packetsLost']));
      if (row['kind'] === 'audio') { made.audio += number(row['packetsReceived']); made.jitterMs = Math.max(made.jitterMs ?? 0, number(row['jitter']) * 1000); }
      else { made.video += number(row['packetsReceived']); made.frames += number(row['framesDecoded']); }
    } else if (row.type === 'remote-inbound-rtp') {
      made.sentLost = Math.max(made.sentLost ?? 0, number(row['fractionLost']));
    } else if (row.type === 'candidate-pair' && row['nominated'] === true && row['state'] === 'succeeded') {
      const rtt = maybe(row['currentRoundTripTime']);
      if (rtt !== null) made.rttMs = rtt * 1000;
      made.roomBits = maybe(row['availableOutgoingBitrate']);
      made.pongs = maybe(row['responsesReceived']);
      const local = rows.get(String(row['localCandidateId']));
      made.path = local?.['protocol'] === 'tcp' || local?.['relayProtocol'] === 'tcp' || local?.['relayProtocol'] === 'tls' ? 'tcp' : 'udp';
    }
  }
  return made;
}

export class Health {
  private last: Sample | null = null;
  private voiceAt = -Infinity;
  private pictureAt = -Infinity;
  private pongAt = -Infinity;
  private ever = false;
  private bad = 0;
  private good = 0;
  private weak = false;

  take(now: Sample): Verdict {
    const last = this.last;
    this.last = now;
    const came = last ? now.audio + now.video - last.audio - last.video : 0;
    if (last && now.audio > last.audio) this.voiceAt = now.at;
    if (last && now.frames > last.frames) this.pictureAt = now.at;
    if (came > 0) this.ever = true;
    if (now.pongs === null || !last || now.pongs !== last.pongs) this.pongAt = now.at;
    const heardAt = Math.max(this.voiceAt, this.pictureAt);
    this.count(isBad(last, now));
    return {
      ever: this.ever,
      voice: now.at - this.voiceAt < GONE_MS,
      picture: now.at - this.pictureAt < NO_PICTURE_MS,
      weak: this.weak,
      gone: now.at - heardAt >= GONE_MS && this.pongAt - heardAt > AFTER_MS,
      ours: now.at - heardAt >= GONE_MS && now.at - this.pongAt >= NO_PONG_MS,
    };
  }

  /** A new connection counts from zero; what was seen before stays seen. */
  startAgain(): void {
    this.last = null;
    this.bad = 0;
    this.good = 0;
  }

  private count(bad: boolean): void {
    this.bad = bad ? this.bad + 1 : 0;
    this.good = bad ? 0 : this.good + 1;
    if (this.bad >= BAD_TO_ENTER) this.weak = true;
    if (this.good >= GOOD_TO_LEAVE) this.weak = false;
  }
}

function isBad(last: Sample | null, now: Sample): boolean {
  if (!last) return false;
  const came = now.audio + now.video - last.audio - last.video;
  const lost = now.lost - last.lost;
  return (
    (came + lost > 20 && lost / (came + lost) > LOSS) ||
    (now.sentLost ?? 0) > LOSS ||
    (now.rttMs ?? 0) > RTT_MS ||
    (now.roomBits !== null && now.roomBits < ROOM_BITS)
  );
}
