// What each page weighs on the wire: headers and bodies as they were sent, with nothing kept from before.

/** What comes later is conversation, not the page: streams, offers, what a press asks for. */
const PARTS = ['Document', 'Stylesheet', 'Script', 'Image', 'Font', 'Manifest', 'Media', 'Other'];

/**
 * Weighs every page that this person comes to, until the browser is closed. `pages()` gives
 * `[{ path, bytes, document, files }]`, in the order of their visit. Chromium only.
 */
export async function weigh(person) {
  const protocol = await person.protocol();
  const pages = new Map();
  const requests = new Map();
  const page = (id) => {
    if (!pages.has(id)) pages.set(id, { path: '', bytes: 0, document: 0, files: 0 });
    return pages.get(id);
  };
  const add = (request, bytes) => {
    const own = page(request.loaderId);
    own.bytes += bytes;
    if (request.type === 'Document') own.document += bytes;
  };
  protocol.on('Network.requestWillBeSent', ({ requestId, loaderId, type, documentURL, request }) => {
    if (!PARTS.includes(type) || !request.url.startsWith('http')) return;
    requests.set(requestId, { loaderId, type });
    const own = page(loaderId);
    own.path = new URL(documentURL).pathname;
    own.files += 1;
  });
  protocol.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const request = requests.get(requestId);
    if (request) add(request, encodedDataLength);
  });
  await protocol.send('Network.enable');
  await protocol.send('Network.setCacheDisabled', { cacheDisabled: true });
  return { pages: () => [...pages.values()].filter((own) => own.bytes > 0) };
}
