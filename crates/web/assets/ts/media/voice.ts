// The person's own voice: how loud it is now, and whether anything comes from the microphone at all.

const SAMPLES = 1024;
/** Below this a microphone gives nothing: muted by the system, covered, or taken by a telephone call. Quiet breathing is well above. */
const NOTHING = 0.0002;
/** Loud enough to be a voice (about -40 dBFS). */
const SPOKEN = 0.01;
const WORDS_EVERY_MS = 2_000;

export class Voice {
  private readonly context = new AudioContext();
  private readonly analyser: AnalyserNode;
  private readonly samples = new Float32Array(SAMPLES);
  private lastSound = performance.now();
  private lastWords = 0;
  private everSpoke = false;

  constructor(stream: MediaStream) {
    this.analyser = new AnalyserNode(this.context, { fftSize: SAMPLES });
    this.context.createMediaStreamSource(stream).connect(this.analyser);
  }

  /** 0 to 100, for the meter. */
  level(): number {
    // A context that waits for a press measures nothing: that is not silence.
    if (this.context.state !== 'running') {
      void this.context.resume().catch(() => undefined);
      this.lastSound = performance.now();
      return 0;
    }
    this.analyser.getFloatTimeDomainData(this.samples);
    let sum = 0;
    for (const sample of this.samples) sum += sample * sample;
    const loudness = Math.sqrt(sum / SAMPLES);
    if (loudness > NOTHING) this.lastSound = performance.now();
    if (loudness > SPOKEN) this.everSpoke = true;
    const decibels = 20 * Math.log10(loudness || 1e-6);
    return Math.round(Math.min(100, Math.max(0, ((decibels + 60) / 50) * 100)));
  }

  /** Seconds in which the microphone gave nothing at all. */
  nothingFor(): number {
    return (performance.now() - this.lastSound) / 1000;
  }

  /** Seconds are counted from here: after unmuting, after a change of the device. */
  startAgain(): void {
    this.lastSound = performance.now();
  }

  spoke(): boolean {
    return this.everSpoke;
  }

  /** Moves the meter at every call; its words (`data-heard`, `data-quiet`) change at most every 2 s. */
  draw(meter: HTMLMeterElement | null): void {
    const level = this.level();
    if (!meter) return;
    meter.value = level;
    const now = performance.now();
    if (now - this.lastWords < WORDS_EVERY_MS) return;
    this.lastWords = now;
    const words = meter.dataset[level > 25 ? 'heard' : 'quiet'];
    if (words) meter.setAttribute('aria-valuetext', words);
  }

  close(): void {
    void this.context.close().catch(() => undefined);
  }
}
