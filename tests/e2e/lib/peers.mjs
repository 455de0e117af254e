// What really arrived, by the browser's own count. The pages keep their connections to themselves,
// so each connection is noted when it is made, before any script of the page.

/** Runs in the page, first. */
export function rememberPeers() {
  const Native = window.RTCPeerConnection;
  if (!Native) return;
  const peers = [];
  Object.defineProperty(window, 'onshinPeers', { value: peers });
  window.RTCPeerConnection = class extends Native {
    constructor(...settings) {
      super(...settings);
      peers.push(this);
    }
  };
}

/** Sums over the open connections: `{ frames, width, audioPackets, audioEnergy, videoBytes, audioBytes, connected }`. */
export function received(person) {
  return person.evaluate(async () => {
    const sum = { frames: 0, width: 0, audioPackets: 0, audioEnergy: 0, videoBytes: 0, audioBytes: 0, connected: 0 };
    for (const peer of window.onshinPeers ?? []) {
      if (peer.connectionState === 'closed') continue;
      if (peer.connectionState === 'connected') sum.connected += 1;
      for (const row of (await peer.getStats()).values()) {
        if (row.type !== 'inbound-rtp') continue;
        if (row.kind === 'video') {
          sum.frames += row.framesDecoded ?? 0;
          sum.width = Math.max(sum.width, row.frameWidth ?? 0);
          sum.videoBytes += row.bytesReceived ?? 0;
        } else {
          sum.audioPackets += row.packetsReceived ?? 0;
          sum.audioEnergy += row.totalAudioEnergy ?? 0;
          sum.audioBytes += row.bytesReceived ?? 0;
        }
      }
    }
    return sum;
  });
}

/** Waits until this person has decoded more frames and received more sound than at the call. */
export async function seesAndHears(person, { frames = 10, packets = 25, wait } = {}) {
  const before = await received(person);
  return person.until(
    'picture and sound',
    async () => {
      const now = await received(person);
      const more = now.frames - before.frames >= frames && now.audioPackets - before.audioPackets >= packets;
      return more && now;
    },
    wait,
  );
}

/** What this person's open connections give: `{ tracks, packets }`, tracks in them and packets sent so far. */
export function given(person) {
  return person.evaluate(async () => {
    const sum = { tracks: 0, packets: 0 };
    for (const peer of window.onshinPeers ?? []) {
      if (peer.connectionState === 'closed') continue;
      sum.tracks += peer.getSenders().filter((sender) => sender.track).length;
      for (const row of (await peer.getStats()).values()) if (row.type === 'outbound-rtp') sum.packets += row.packetsSent ?? 0;
    }
    return sum;
  });
}
