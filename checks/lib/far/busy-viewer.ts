import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { endProcess } from "../../../src/lib/child-process.ts";
import { type LineOptions, type LineReport, startFarSide } from "../../../src/rehearse/link.ts";

/** A viewer at the other end of a line, who takes from port 443 of this network all that the line carries. */
export interface BusyViewer {
  /** Resolves to what the line did. */
  stop(): Promise<LineReport>;
}

const port = 443;
const chunk = Buffer.alloc(1 << 16);
const reader = (address: string) =>
  `require("node:net").connect(${port}, "${address}").once("data", () => console.log("began")).resume().on("close", () => process.exit())`;

/** Starts the viewer and a server on the line's own address; resolves when the first bytes are there. */
export async function busyViewer(options: LineOptions): Promise<BusyViewer> {
  const far = await startFarSide(options);
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    const send = () => {
      while (socket.write(chunk));
    };
    socket.on("drain", send).on("error", () => {});
    send();
  }).listen(port, far.nearAddress);
  await once(server, "listening");
  const [program = "", ...words] = far.enter([process.execPath, "-e", reader(far.nearAddress)]);
  const viewer = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
  await once(viewer.stdout, "data");
  return {
    async stop() {
      await endProcess(viewer);
      for (const socket of sockets) socket.destroy();
      server.close();
      return await far.end();
    },
  };
}
