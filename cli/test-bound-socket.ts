/** A socket of 127.0.0.1 that is bound and does not listen: a connection to its port is refused, and no other program gets the port. */
export interface BoundSocket {
  readonly fd: number;
  readonly port: number;
  close(): void;
}

interface TcpHandle {
  readonly fd: number;
  bind(address: string, port: number): number;
  getsockname(name: { port?: number }): number;
  unref(): void;
  close(): void;
}

/** Binds it, to a port of the kernel's choice unless one is given. A server of this process that listened would take connections for itself. */
export function bindOnly(port = 0): BoundSocket {
  const internals = process as unknown as {
    binding(name: "tcp_wrap"): { TCP: new (type: number) => TcpHandle; constants: { SERVER: number } };
  };
  const { TCP, constants } = internals.binding("tcp_wrap");
  const socket = new TCP(constants.SERVER);
  const failure = socket.bind("127.0.0.1", port);
  if (failure !== 0) throw new Error(`127.0.0.1:${port} cannot be bound (${failure})`);
  const name: { port?: number } = {};
  socket.getsockname(name);
  return { fd: socket.fd, port: name.port ?? port, close: () => socket.close() };
}

const held: BoundSocket[] = [];

/** A port of 127.0.0.1 where nobody listens for as long as this process runs. */
export function deadPort(): number {
  const socket = bindOnly();
  held.push(socket);
  return socket.port;
}
