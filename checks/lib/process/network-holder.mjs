// A program of its own: holds a network namespace, and carries connections from outside to servers in it.
// JavaScript: with tsx it would take a second to start, at each start of an Owncast.
import { spawnSync } from "node:child_process";
import { connect } from "node:net";

/** @typedef {import("node:net").Server} Server */
/** @typedef {import("node:net").Socket} Socket */

const { status } = spawnSync("ip", ["link", "set", "lo", "up"], { stdio: ["ignore", "ignore", "inherit"] });
if (status !== 0) process.exit(1);

process.on("message", (/** @type {{ port: number }} */ { port }, /** @type {Server} */ server) => {
  server.on("connection", (/** @type {Socket} */ outside) => join(outside, connect(port, "127.0.0.1")));
});
process.once("disconnect", () => process.exit(0));
process.send?.("ready");

/**
 * Carries bytes both ways. The end or failure of one side ends the other.
 * @param {Socket} outside
 * @param {Socket} inside
 */
function join(outside, inside) {
  /** @type {[Socket, Socket][]} */
  const ways = [
    [outside, inside],
    [inside, outside],
  ];
  for (const [from, to] of ways) {
    from.setNoDelay(true);
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}
