/** JSON as `caddy adapt` prints it. */
export type Config = { readonly [key: string]: Config } | readonly Config[] | string | number | boolean | null;

type Fields = { readonly [key: string]: Config };
const isFields = (config: Config | undefined): config is Fields =>
  typeof config === "object" && config !== null && !Array.isArray(config);

/** Where two versions of Caddy write the same down differently. */
export interface Difference {
  readonly why: string;
  /** One way to write it for both; undefined for what this is not about. */
  readonly same: (key: string, value: Config) => Config | undefined;
}

const zeroSsl = "https://acme.zerossl.com/v2/DV90";

/** All that may differ between Caddy 2.6 and 2.11, and why each of them means the same. */
export const differences: readonly Difference[] = [
  {
    why: "the newest says with an expression which matcher it is of, for its error messages",
    same: (key, value) => (key === "expression" && isFields(value) ? value.expr : undefined),
  },
  {
    why: "a host's requests may go to more than one log of the newest",
    same: (key, value) =>
      key === "logger_names" && isFields(value)
        ? Object.fromEntries(Object.entries(value).map(([host, logs]) => [host, [logs].flat() as Config]))
        : undefined,
  },
  {
    why: "the oldest looks for a host's log by name and port first, where the site has a port of its own, and then by name",
    same: (key, value) =>
      key === "logger_names" && isFields(value)
        ? Object.fromEntries(Object.entries(value).map(([host, logs]) => [host.replace(/:\d+$/, ""), logs]))
        : undefined,
  },
  {
    why: "which logs a log leaves out, and which files a site hides, are sets",
    same: (key, value) =>
      (key === "exclude" || key === "hide") && Array.isArray(value) ? [...value].sort() : undefined,
  },
  {
    why: "ZeroSSL is asked by ACME, where the oldest has a module for it that does so too",
    same: (key, value) =>
      key === "issuers" && Array.isArray(value)
        ? value.map((issuer) => {
            if (!isFields(issuer) || issuer.ca !== zeroSsl) return issuer;
            const { ca: _, ...rest } = issuer;
            return { ...rest, module: "zerossl" };
          })
        : undefined,
  },
  {
    why: "the newest puts what handle_errors holds into a subroute of its own, which does what the routes do",
    same: (key, value) => (key === "routes" && Array.isArray(value) ? withoutNesting(value as Fields[]) : undefined),
  },
];

/** The configuration in the one way to write it that `known` differences leave. */
export function meaningOf(config: Config, known: readonly Difference[] = differences, key = ""): Config {
  const inner: Config = Array.isArray(config)
    ? config.map((one: Config) => meaningOf(one, known))
    : isFields(config)
      ? Object.fromEntries(Object.entries(config).map(([name, value]) => [name, meaningOf(value, known, name)]))
      : config;
  return known.reduce<Config>((value, { same }) => same(key, value) ?? value, inner);
}

/** Routes, with those of a subroute in its place where nothing depends on its being one. */
function withoutNesting(routes: readonly Fields[]): readonly Fields[] {
  return routes.flatMap((route) => {
    const inner = routesOf(route);
    if (!inner || Object.keys(route).length > 1) return [route];
    return inner;
  });
}

/** The routes of a route that is a subroute and no more; undefined where one of them would end or choose among its neighbours. */
function routesOf({ handle }: Fields): readonly Fields[] | undefined {
  const [only, ...others] = handle as readonly Fields[];
  if (!only || others.length > 0 || only.handler !== "subroute" || "errors" in only) return undefined;
  const routes = only.routes as readonly Fields[];
  return routes.some((route) => route.terminal || route.group) ? undefined : routes;
}
