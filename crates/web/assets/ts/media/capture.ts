// Camera and microphone. Voice comes first: without a camera the call goes on with the voice alone.

/** Why nothing can be taken: refused by the person or the phone, not there, in use elsewhere, or a browser without the means. */
export type Refusal = 'denied' | 'none' | 'busy' | 'unsupported';

export type Own = { stream: MediaStream; camera: boolean };

const VOICE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 30;

/** The picture asked for: "1280x720" from the page, else 640x480, facing the person unless told otherwise. */
export function picture(size: string | undefined, facing: 'user' | 'environment' = 'user'): MediaTrackConstraints {
  const [width, height] = (size ?? '').split('x').map(Number);
  return {
    width: { ideal: width || WIDTH },
    height: { ideal: height || HEIGHT },
    frameRate: { ideal: 24, max: FRAMES },
    facingMode: { ideal: facing },
  };
}

function why(error: unknown): Refusal {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'unsupported';
  }
}

export async function capture(video: MediaTrackConstraints): Promise<Own | Refusal> {
  const devices = navigator.mediaDevices;
  if (!devices?.getUserMedia || !('RTCPeerConnection' in window)) return 'unsupported';
  try {
    return { stream: await devices.getUserMedia({ audio: VOICE, video }), camera: true };
  } catch (error) {
    const reason = why(error);
    if (reason === 'denied' || reason === 'unsupported') return reason;
    try {
      return { stream: await devices.getUserMedia({ audio: VOICE }), camera: false };
    } catch (second) {
      return why(second);
    }
  }
}

/** The other camera of a phone, as a track; null if it cannot be had. */
export async function camera(video: MediaTrackConstraints): Promise<MediaStreamTrack | null> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video });
    return stream.getVideoTracks()[0] ?? null;
  } catch {
    return null;
  }
}

export async function cameras(): Promise<number> {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
  return devices.filter((device) => device.kind === 'videoinput').length;
}

export const stop = (stream: MediaStream | null): void => stream?.getTracks().forEach((track) => track.stop());
