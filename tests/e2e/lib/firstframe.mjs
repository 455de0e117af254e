// When the first frame was decoded, by the page's own clock, and how soon it could have been: two peers in one page.

/** How often the page looks, in ms: the figures are that much too late at most. */
export const LOOK_EVERY_MS = 10;

/** What `watch` tells besides `press`, in the order in which a call that begins from nothing comes to it. */
export const STEPS = [
  'told', // the waiting room heard `admit`
  'page', // this document began
  'camera', // camera and microphone were given
  'peer', // the first connection was made
  'offered', // its offer was posted
  'answered', // and answered
  'ice', // a path was found
  'connected', // and secured (DTLS)
  'packet', // the first packet of the other's picture came
  'asked', // the server had asked this side for a whole picture, as the browser counts it
  'frame', // the first frame was decoded
  'shown', // and stood on the screen
];

/**
 * Tells `tell(name, at)` from this page and every later one: `press` (each click) and each of STEPS once.
 * `at` is in ms since 1970.
 */
export async function watch(person, tell) {
  await person.page.exposeFunction('onshinTell', tell);
  await person.page.addInitScript(look, LOOK_EVERY_MS);
}

/** Runs in the page, before its scripts. */
function look(every) {
  const now = () => performance.timeOrigin + performance.now();
  const told = new Set();
  const once = (name, at) => {
    if (told.has(name)) return;
    told.add(name);
    window.onshinTell(name, at);
  };
  once('page', performance.timeOrigin);
  document.addEventListener('click', () => window.onshinTell('press', now()), true);
  document.addEventListener('admit', () => once('told', now()), true);
  const devices = navigator.mediaDevices;
  const native = devices?.getUserMedia.bind(devices);
  if (native) {
    devices.getUserMedia = async (...wanted) => {
      const stream = await native(...wanted);
      once('camera', now());
      return stream;
    };
  }
  const fetched = window.fetch.bind(window);
  window.fetch = async (...request) => {
    const signals = String(request[0]).endsWith('/signal');
    if (signals) once('offered', now());
    const answer = await fetched(...request);
    if (signals && answer.ok) once('answered', now());
    return answer;
  };
  const painted = new Set();
  const shown = () => {
    for (const view of document.querySelectorAll('video[data-remote]')) {
      // A picture behind the words that somebody is still to come is not seen.
      const covered = view.parentElement.querySelector('.on-hold')?.checkVisibility();
      if (painted.has(view) && !covered && view.checkVisibility()) once('shown', now());
      if (painted.has(view) || !view.srcObject) continue;
      view.requestVideoFrameCallback(() => painted.add(view));
    }
  };
  const timer = setInterval(async () => {
    shown();
    for (const peer of window.onshinPeers ?? []) {
      once('peer', now());
      if (['connected', 'completed'].includes(peer.iceConnectionState)) once('ice', now());
      if (peer.connectionState === 'connected') once('connected', now());
      for (const row of (await peer.getStats()).values()) {
        if (row.kind !== 'video') continue;
        if (row.type === 'outbound-rtp' && row.pliCount + row.firCount > 0) once('asked', now());
        if (row.type !== 'inbound-rtp') continue;
        if (row.packetsReceived > 0) once('packet', now());
        if (row.framesDecoded > 0) once('frame', now());
      }
    }
    if (told.has('frame') && told.has('shown')) clearInterval(timer);
  }, every);
}

/**
 * Two connections in this page, straight to each other, with a camera and a microphone asked for anew:
 * `{ camera, frame }`, ms from asking to having them, and from then to the first decoded frame.
 */
export function direct(person) {
  return person.evaluate(async (every) => {
    const began = performance.now();
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } });
    const has = performance.now();
    const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
    try {
      one.onicecandidate = ({ candidate }) => candidate && other.addIceCandidate(candidate);
      other.onicecandidate = ({ candidate }) => candidate && one.addIceCandidate(candidate);
      for (const track of stream.getTracks()) one.addTrack(track, stream);
      await one.setLocalDescription();
      await other.setRemoteDescription(one.localDescription);
      await other.setLocalDescription();
      await one.setRemoteDescription(other.localDescription);
      for (const end = has + 10_000; performance.now() < end; ) {
        for (const row of (await other.getStats()).values()) {
          if (row.type === 'inbound-rtp' && row.kind === 'video' && row.framesDecoded > 0) {
            return { camera: has - began, frame: performance.now() - has };
          }
        }
        await new Promise((done) => setTimeout(done, every));
      }
      throw new Error('no frame came');
    } finally {
      one.close();
      other.close();
      for (const track of stream.getTracks()) track.stop();
    }
  }, LOOK_EVERY_MS);
}
