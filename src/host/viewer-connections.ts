import { isIPv4, isIPv6 } from "node:net";

/** An established TCP connection, as `ss -tinHO` prints it. Counts are since its beginning. */
export interface Connection {
  /** Both ends, with ports: the same connection has the same key in a later look. */
  readonly key: string;
  /** The viewer's address, without the port. Never shown: see `networkOf`. */
  readonly address: string;
  /** The sender's congestion control, such as `bbr`; undefined if `ss` does not name it. */
  readonly congestion: string | undefined;
  /** The shortest round trip so far; undefined if there was none. */
  readonly roundTripMs: number | undefined;
  readonly bytesSent: number;
  /** Those of `bytesSent` that were sent again. */
  readonly bytesSentAgain: number;
  readonly bytesAcknowledged: number;
  /** How long there was something to send or to be acknowledged. */
  readonly busyMs: number;
  /** How long of that the viewer's own device was the limit: it read too slowly. */
  readonly receiverLimitedMs: number;
  /** How long ago the viewer's device last acknowledged something. */
  readonly lastAcknowledgedMs: number;
}

// A line has about 700 characters.
const longestLine = 4096;
const mostConnections = 50_000;

/** Reads what `ss -tinHO state established` printed. Leaves out lines that it does not understand. Pure. */
export const parseConnections = (text: string): Connection[] =>
  text
    .split("\n", mostConnections)
    .filter((line) => line.length <= longestLine)
    .flatMap((line) => parseLine(line) ?? []);

function parseLine(line: string): Connection | undefined {
  const [receiveQueue = "", sendQueue = "", local = "", peer = "", ...details] = line.trim().split(/\s+/);
  const address = addressOf(peer);
  if (!/^\d+$/.test(receiveQueue) || !/^\d+$/.test(sendQueue) || !addressOf(local) || !address) return undefined;
  const values = new Map(details.map((word) => splitOnce(word)));
  const count = (name: string) => numberOf(values.get(name)) ?? 0;
  return {
    key: `${local} ${peer}`,
    address,
    congestion: congestionOf(details),
    roundTripMs: numberOf(values.get("minrtt")),
    bytesSent: count("bytes_sent"),
    bytesSentAgain: count("bytes_retrans"),
    bytesAcknowledged: count("bytes_acked"),
    busyMs: count("busy"),
    receiverLimitedMs: count("rwnd_limited"),
    lastAcknowledgedMs: count("lastack"),
  };
}

/** The address of `1.2.3.4:443`, `[2001:db8::1]:443` or `[::ffff:1.2.3.4]:443`, without an interface's name. */
function addressOf(end: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^[\]:]+)):\d{1,5}$/.exec(end) ?? [];
  const address = (bracketed ?? plain ?? "").replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  return isIPv4(address) || isIPv6(address) ? address : undefined;
}

const splitOnce = (word: string): [string, string] => {
  const at = word.indexOf(":");
  return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
};

/** The number that `5672ms`, `564ms(10.3%)` or `250.62` begins with. */
function numberOf(value: string | undefined): number | undefined {
  const [, digits] = /^(\d{1,16}(?:\.\d+)?)(?:ms)?(?:\(.*)?$/.exec(value ?? "") ?? [];
  return digits === undefined ? undefined : Number(digits);
}

// `ss` prints these before the name of the congestion control.
const features = new Set(["ts", "sack", "ecn", "ecnseen", "fastopen"]);

/** The congestion control is the last bare word before the first number. */
function congestionOf(details: readonly string[]): string | undefined {
  const word = details[details.findIndex((one) => one.includes(":")) - 1] ?? "";
  return /^[a-z][a-z0-9_]{0,15}$/.test(word) && !features.has(word) ? word : undefined;
}

/** The network of an address, as the access log keeps it: the first 24 bits of IPv4, 48 of IPv6. */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address.replace(/\d+$/, "0/24");
  const [head = "", tail = ""] = address.split("::", 2);
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const [before, after] = [groups(head), groups(tail)];
  const filled = [
    ...before,
    ...Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0"),
    ...after,
  ];
  return `${filled
    .slice(0, 3)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/48`;
}

/** Whether an address is this host's own. */
export const isLoopback = (address: string): boolean => address === "::1" || /^127\./.test(address);
