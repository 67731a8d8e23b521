import { isIP, type LookupFunction } from "node:net";

/** Connect to `address` instead of what the name `host` resolves to, for one port. */
export interface Resolve {
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

/** The address that a name and port are led to, if any. */
export const mappedAddress = (resolve: readonly Resolve[], host: string, port: number): string | undefined =>
  resolve.find((entry) => entry.host.toLowerCase() === host.toLowerCase() && entry.port === port)?.address;

/** Finds the same address for every name. */
export const leadingTo =
  (address: string): LookupFunction =>
  (_host, options, done) =>
    options.all ? done(null, [{ address, family: isIP(address) }]) : done(null, address, isIP(address));
