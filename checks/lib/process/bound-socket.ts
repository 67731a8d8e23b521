/** A socket that is bound and does not listen: the kernel refuses connections, and no other program gets its port or path. */
export interface BoundSocket {
  readonly fd: number;
  readonly port: number;
  close(): void;
}

interface Handle {
  readonly fd: number;
  bind(address: string, port?: number): number;
  getsockname?(name: { port?: number }): number;
  close(): void;
}
type HandleOf = new (type: number) => Handle;

/**
 * Binds it to a path or a port; by default the kernel chooses the port. A listening server of this process would accept
 * connections itself.
 */
export function bindOnly(place: number | string = 0): BoundSocket {
  const internals = process as unknown as {
    binding(name: "tcp_wrap"): { TCP: HandleOf; constants: { SERVER: number } };
    binding(name: "pipe_wrap"): { Pipe: HandleOf; constants: { SERVER: number } };
  };
  const { TCP, constants: ofTcp } = internals.binding("tcp_wrap");
  const { Pipe, constants: ofPipe } = internals.binding("pipe_wrap");
  const isPath = typeof place === "string";
  const socket = isPath ? new Pipe(ofPipe.SERVER) : new TCP(ofTcp.SERVER);
  const failure = isPath ? socket.bind(place) : socket.bind("127.0.0.1", place);
  if (failure !== 0) throw new Error(`${place} cannot be bound (${failure})`);
  const name: { port?: number } = {};
  socket.getsockname?.(name);
  return { fd: socket.fd, port: name.port ?? 0, close: () => socket.close() };
}

const held: BoundSocket[] = [];

/** A port of 127.0.0.1 where nobody listens for as long as this process runs. */
export function deadPort(): number {
  const socket = bindOnly();
  held.push(socket);
  return socket.port;
}
