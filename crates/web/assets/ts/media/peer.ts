// One connection to the media server, and its offer. The server is ICE-lite and answers an HTTP POST; it
// never offers. So the lines for others are laid before anybody is there: one sendonly audio, one sendonly
// video, then pairs of recvonly audio and video. Opus and VP8 only.

const ANSWER_MS = 8_000;
const VIDEO_BITS = 900_000;
const SDP = 'application/sdp';

export type Answer = { sdp: string } | 'ended' | 'refused' | 'later';

export type Pair = { audio: RTCRtpTransceiver; video: RTCRtpTransceiver; stream: MediaStream };

export type Peer = { pc: RTCPeerConnection; sound: RTCRtpSender; picture: RTCRtpSender; pairs: Pair[] };

function prefer(line: RTCRtpTransceiver, side: typeof RTCRtpSender | typeof RTCRtpReceiver, kind: 'audio' | 'video'): void {
  const wanted = kind === 'audio' ? /^audio\/opus$/i : /^video\/(vp8|rtx)$/i;
  const codecs = side.getCapabilities(kind)?.codecs.filter((codec) => wanted.test(codec.mimeType)) ?? [];
  // An old browser that does not know the call offers more; the server still answers Opus and VP8 only.
  try { if (codecs.length > 0) line.setCodecPreferences(codecs); } catch { /* see above */ }
}

/** With `sends` false the lines for one's own voice and picture are laid, and nothing goes into them until `give`. */
export function peer(own: MediaStream, others: number, sends = true): Peer {
  const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const sound = pc.addTransceiver((sends && own.getAudioTracks()[0]) || 'audio', { direction: 'sendonly', streams: [own], sendEncodings: [{ priority: 'high', networkPriority: 'high' }] });
  const picture = pc.addTransceiver((sends && own.getVideoTracks()[0]) || 'video', { direction: 'sendonly', streams: [own], sendEncodings: [{ maxBitrate: VIDEO_BITS }] });
  prefer(sound, RTCRtpSender, 'audio');
  prefer(picture, RTCRtpSender, 'video');
  const pairs = Array.from({ length: others }, () => {
    const audio = pc.addTransceiver('audio', { direction: 'recvonly' });
    const video = pc.addTransceiver('video', { direction: 'recvonly' });
    prefer(audio, RTCRtpReceiver, 'audio');
    prefer(video, RTCRtpReceiver, 'video');
    return { audio, video, stream: new MediaStream([audio.receiver.track, video.receiver.track]) };
  });
  return { pc, sound: sound.sender, picture: picture.sender, pairs };
}

/** Puts one's own voice and picture into the lines, or takes them out: no new offer is needed for either. */
export async function give({ sound, picture }: Peer, own: MediaStream | null): Promise<void> {
  const put = (sender: RTCRtpSender, track: MediaStreamTrack | undefined): Promise<unknown> =>
    sender.track === (track ?? null) ? Promise.resolve() : sender.replaceTrack(track ?? null).catch(() => undefined);
  await Promise.all([put(sound, own?.getAudioTracks()[0]), put(picture, own?.getVideoTracks()[0])]);
}

/** Offers, and applies the answer. Anything but 'answered' says why there is none. */
export async function offer({ pc }: Peer, url: string): Promise<'answered' | 'ended' | 'refused' | 'later'> {
  await pc.setLocalDescription();
  // Our addresses are not waited for: the server learns them from the packets that reach it.
  const answer = await post(url, pc.localDescription?.sdp ?? '');
  if (typeof answer === 'string') return answer;
  if (pc.signalingState !== 'have-local-offer') return 'later';
  await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
  return 'answered';
}

async function post(url: string, sdp: string): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': SDP, accept: SDP },
      body: sdp,
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (response.ok) return { sdp: await response.text() };
    if (response.status === 410) return 'ended';
    // Signed out, or not a seat of this visit: asking again would not help. 409, 429 and 5xx may pass.
    return [400, 401, 403, 404, 415, 422].includes(response.status) ? 'refused' : 'later';
  } catch {
    return 'later';
  }
}

/** A weak line: a smaller, slower picture, so that the voice is kept. */
export async function shrink(sender: RTCRtpSender, small: boolean): Promise<void> {
  const parameters = sender.getParameters();
  const encoding = parameters.encodings[0];
  if (!encoding) return;
  encoding.scaleResolutionDownBy = small ? 2 : 1;
  if (small) encoding.maxFramerate = 12;
  else delete encoding.maxFramerate;
  await sender.setParameters(parameters).catch(() => undefined);
}
