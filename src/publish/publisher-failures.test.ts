import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { deadPort } from "../../checks/lib/process/bound-socket.ts";
import { runningEncoders, testCamera, testStreamKey } from "../../checks/lib/stream/camera-at-ingest.ts";
import { startIngest, type TestIngest } from "../../checks/lib/stream/rtmp-ingest.ts";
import { type PublisherOptions, StreamLost, startPublisher } from "./publisher.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const ingest = async (...behaviour: Parameters<typeof startIngest>): Promise<TestIngest> => {
  const server = await startIngest(...behaviour);
  open.push(server);
  return server;
};

describe("a failed publisher", () => {
  const fails = async (port: number, exitCode: number, says: string, options: Partial<PublisherOptions> = {}) => {
    const publisher = startPublisher(testCamera(port, options));
    const error = await publisher.finished.catch((reason: Error & { remedy?: string }) => reason);
    expect(error).toMatchObject({ exitCode, message: expect.stringContaining(says) });
    expect(JSON.stringify([error, `${(error as Error).stack}`])).not.toContain(testStreamKey);
    expect(runningEncoders()).toEqual([]);
    return publisher;
  };

  it("says that the server refused it, if the server closes the connection as Owncast does", async () => {
    const publisher = await fails(
      (await ingest({ refuses: "close" })).port,
      77,
      "refused the stream: the stream key is wrong",
    );
    await expect(publisher.started).rejects.toMatchObject({ exitCode: 77 });
  });

  it("says that the server refused it, with the server's reason", async () =>
    void (await fails((await ingest({ refuses: "status" })).port, 77, "(NetStream.Publish.BadName)")));

  it("says that nothing listens on the port", async () => void (await fails(deadPort(), 69, "connection refused")));

  it("says that the server does not answer", async () =>
    void (await fails((await ingest({ refuses: "silent" })).port, 69, "no answer within 0.3 s", {
      connectTimeoutSeconds: 0.3,
    })));

  it("says that another program answers", async () => {
    const server = createHttpServer();
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await fails((server.address() as AddressInfo).port, 69, "it does not speak RTMP");
  });

  it("says that the stream broke off", async () => {
    const server = await ingest({ closesAfter: 20 });
    const publisher = await fails(server.port, 1, "the stream ended after");
    await publisher.started;
    await expect(publisher.finished).rejects.toBeInstanceOf(StreamLost);
  });

  it("repeats the encoder's error", async () =>
    void (await fails((await ingest()).port, 1, "the encoder (ffmpeg) ended by itself", { width: 321 })));
});
