/**
 * Mends the transport of the NATS library, which takes every listener from a socket
 * before it destroys it. What the socket reports between the two, such as that the
 * server has hung up on a wrong password, would be nobody's, and end the process.
 *
 * @module
 */

/** The part of a socket that is mended. */
interface Listened {
  on(event: "error", listener: () => void): unknown;
  removeAllListeners(...event: (string | symbol)[]): unknown;
}

let mended: Promise<void> | undefined;

/** Loads the transport and mends it, once for the process. */
export function mendTransport(): Promise<void> {
  return mended ??= mend();
}

async function mend(): Promise<void> {
  const { NodeTransport } = await import(
    "@nats-io/transport-node/lib/node_transport.js"
  );
  const { dial } = NodeTransport.prototype;
  NodeTransport.prototype.dial = async function (...args) {
    return keepListening(await dial.apply(this, args));
  };
}

/** The socket, which from now on always has somebody who hears of errors. */
export function keepListening<S extends Listened>(socket: S): S {
  const removeAll = socket.removeAllListeners.bind(socket);
  const hear = () => {
    // Who had to know has been told, or does not want to know any more.
  };
  socket.removeAllListeners = (...event) => {
    // Without an argument all go; with one that is undefined, none does.
    removeAll(...event);
    socket.on("error", hear);
    return socket;
  };
  socket.on("error", hear);
  return socket;
}
