// Tones made here, so that no file is fetched and nothing is stored: the alarm of the staff page, the
// ping-pong of the device check, the tone before a call.

type Note = { hertz: number; at: number; seconds: number };

const ALARM: Note[] = [0, 0.25, 0.5].map((at) => ({ hertz: 880, at, seconds: 0.18 }));
const PING_PONG: Note[] = [
  { hertz: 988, at: 0, seconds: 0.5 },
  { hertz: 784, at: 0.55, seconds: 0.8 },
];
const LOUDNESS = 0.4;
const UNLOCK_MS = 1_000;

export class Sound {
  private context: AudioContext | null = null;

  /** True if a tone would be heard now: a page that nobody touched may make none. */
  ready(): boolean {
    return this.context?.state === 'running';
  }

  /** To be called from a press: from then on the page may sound. A phone without any sound output never answers. */
  async unlock(): Promise<void> {
    this.context ??= new AudioContext();
    if (this.context.state === 'running') return;
    await Promise.race([this.context.resume().catch(() => undefined), new Promise((done) => setTimeout(done, UNLOCK_MS))]);
  }

  /** False if the browser does not let the page sound yet. */
  alarm(): boolean {
    return this.play(ALARM) > 0;
  }

  /** Plays "ping, pong" and resolves when it has ended; at once if it cannot sound. */
  async pingPong(loudness = LOUDNESS): Promise<void> {
    const seconds = this.play(PING_PONG, loudness);
    await new Promise((done) => setTimeout(done, seconds * 1000));
  }

  close(): void {
    void this.context?.close().catch(() => undefined);
    this.context = null;
  }

  private play(notes: Note[], loudness = LOUDNESS): number {
    this.context ??= new AudioContext();
    const context = this.context;
    if (context.state !== 'running') return 0;
    let end = 0;
    for (const { hertz, at, seconds } of notes) {
      const start = context.currentTime + at;
      const voice = new OscillatorNode(context, { type: 'sine', frequency: hertz });
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(loudness, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, start + seconds);
      voice.connect(gain).connect(context.destination);
      voice.start(start);
      voice.stop(start + seconds);
      end = Math.max(end, at + seconds);
    }
    return end;
  }
}
