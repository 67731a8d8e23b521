// A program of its own: holds a network namespace, and carries connections from outside to servers in it.
import { spawnSync } from "node:child_process";
import { connect, type Server, type Socket } from "node:net";

const { status } = spawnSync("ip", ["link", "set", "lo", "up"], { stdio: ["ignore", "ignore", "inherit"] });
if (status !== 0) process.exit(1);

process.on("message", ({ port }: { port: number }, server: Server) => {
  server.on("connection", (outside: Socket) => join(outside, connect(port, "127.0.0.1")));
});
process.once("disconnect", () => process.exit(0));
process.send?.("ready");

/** Bytes both ways; the end or failure of one side ends the other. */
function join(outside: Socket, inside: Socket): void {
  for (const [from, to] of [
    [outside, inside],
    [inside, outside],
  ] as const) {
    from.setNoDelay(true);
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}
