// A program of its own: forwards bytes without reading them. It prints its port.
import { connect, createServer } from "node:net";

const target = Number(process.argv[2]);
const server = createServer((camera) => {
  const onward = connect(target, "127.0.0.1");
  camera.pipe(onward).pipe(camera);
  for (const socket of [camera, onward]) socket.on("error", () => {});
}).listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.stdout.write(`${address?.port}\n`);
});
