import { isIPv4, isIPv6 } from "node:net";
import { CliError, ExitCode } from "../../lib/errors.ts";

/**
 * An address as bits after a digit for its family: `4` or `6`. So a network is a text with which its addresses begin.
 * Undefined for anything but an address. An IPv4 address inside an IPv6 address counts as IPv4.
 */
export function addressBits(text: string): string | undefined {
  const address = text.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(address)) return `4${bits(address.split(".").map(Number), 8)}`;
  if (!isIPv6(address) || address.includes("%")) return undefined;
  const [head = "", tail] = dottedAsGroups(address).split("::");
  const groups = (half: string): number[] =>
    half === "" ? [] : half.split(":").map((one) => Number.parseInt(one, 16));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return `6${bits([...before, ...zeros, ...after], 16)}`;
}

const bits = (numbers: readonly number[], width: number): string =>
  numbers.map((number) => number.toString(2).padStart(width, "0")).join("");

/** Writes an IPv4 address at the end of an IPv6 address as two groups. */
const dottedAsGroups = (address: string): string =>
  address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...octets: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });

/** Says which edges an admin has given to the viewers of which networks. */
export class NetworkMap {
  readonly #edges = new Map<string, string[]>();
  readonly #lengths: readonly number[];

  /** Throws CliError 65 for a text that is neither a network nor an address. */
  constructor(edges: readonly { readonly name: string; readonly networks: readonly string[] }[]) {
    for (const { name, networks } of edges)
      for (const network of networks) {
        const prefix = prefixOf(network);
        this.#edges.set(prefix, [...(this.#edges.get(prefix) ?? []), name]);
      }
    this.#lengths = [...new Set([...this.#edges.keys()].map(({ length }) => length))].sort((one, other) => other - one);
  }

  /** The edges of an address, in groups: those of the smallest network come first. */
  nearest(address: string): readonly (readonly string[])[] {
    const whole = this.#lengths.length === 0 ? undefined : addressBits(address);
    if (whole === undefined) return [];
    return this.#lengths.flatMap((length) => {
      const found = this.#edges.get(whole.slice(0, length));
      return found === undefined ? [] : [found];
    });
  }
}

function prefixOf(network: string): string {
  const [address = "", length, ...more] = network.split("/");
  const whole = addressBits(address);
  const isLength = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) < (whole?.length ?? 0));
  if (whole !== undefined && isLength && more.length === 0)
    return length === undefined ? whole : whole.slice(0, Number(length) + 1);
  throw new CliError(
    ExitCode.badInput,
    `${JSON.stringify(network)} is not a network`,
    "give networks or addresses, such as 192.0.2.0/24 or 2001:db8::/32",
  );
}
