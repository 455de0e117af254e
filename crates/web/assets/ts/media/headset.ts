// Whether the voice comes from a headset or a loudspeaker, as far as the browser says: by the names of the
// devices. Nothing of the names leaves the page. A browser that names no loudspeaker is not guessed at.

export type Headset = 'yes' | 'no' | 'unknown';

const HEADSET = /head(set|phones?)|ear(buds|phones?|pods)|airpods|buds|hands-?free|イヤ[ホフ]ン|ヘッド[ホフ]ン|ヘッドセット|片耳|両耳/i;

/** What the devices in use are: the default loudspeaker, and the microphone of this stream. */
export async function headset(stream: MediaStream): Promise<Headset> {
  const microphone = stream.getAudioTracks()[0]?.label ?? '';
  if (HEADSET.test(microphone)) return 'yes';
  const devices = await navigator.mediaDevices?.enumerateDevices?.().catch(() => []) ?? [];
  const outputs = devices.filter((device) => device.kind === 'audiooutput' && device.label !== '');
  // The system's default stands first; its label names the device behind it.
  const used = outputs.find((device) => device.deviceId === 'default') ?? outputs[0];
  if (!used) return 'unknown';
  return HEADSET.test(used.label) ? 'yes' : 'no';
}
