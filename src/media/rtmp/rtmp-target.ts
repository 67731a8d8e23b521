import { CliError, ExitCode } from "../../lib/errors.ts";

/** Owncast's only RTMP application. */
export const rtmpApplication = "live";
const defaultPort = 1935;

/** A server to publish to. `address` is `rtmp://host:port/live`, without the key. */
export interface RtmpTarget {
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

/** Reads `rtmp://host[:port]/live`, given to `option`. Throws CliError 64, which never repeats what follows /live: it may be a key. */
export function parseRtmpUrl(url: string, option = "--url"): RtmpTarget {
  const wanted = `expected rtmp://host[:port]/${rtmpApplication}`;
  if (/^rtmps:/i.test(url))
    throw new CliError(
      ExitCode.usage,
      `${option}: ${wanted}: Owncast takes no encrypted RTMP`,
      "if you do not trust the network, publish through a tunnel",
    );
  if (!/^rtmp:\/\//i.test(url) || !URL.canParse(url)) throw new CliError(ExitCode.usage, `${option}: ${wanted}`);
  const { hostname, port, pathname, search, hash, username, password } = new URL(url);
  const hasMore = search !== "" || hash !== "" || username !== "" || password !== "";
  if (hostname === "" || hasMore || !new RegExp(`^/${rtmpApplication}/?$`).test(pathname))
    throw new CliError(
      ExitCode.usage,
      `${option}: ${wanted} and nothing after it, because cameras publish only there`,
      "put the stream key into a file, and name the file with --stream-key-file",
    );
  const authority = `${hostname}:${port || defaultPort}`;
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || defaultPort),
    address: `rtmp://${authority}/${rtmpApplication}`,
  };
}
