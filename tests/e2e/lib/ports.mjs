// Free ports of this machine. Between asking and using, somebody else may take one: callers start again with others.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

async function freeForTcp() {
  const server = createServer();
  await new Promise((done, failed) => server.once('error', failed).listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function isFreeForUdp(port) {
  const socket = createSocket('udp4');
  const free = await new Promise((done) => {
    socket.once('error', () => done(false));
    socket.bind(port, '127.0.0.1', () => done(true));
  });
  if (free) await new Promise((done) => socket.close(done));
  return free;
}

/** So many different ports, each free for TCP and for UDP. */
export async function freePorts(count) {
  const ports = new Set();
  while (ports.size < count) {
    const port = await freeForTcp();
    if (await isFreeForUdp(port)) ports.add(port);
  }
  return [...ports];
}
