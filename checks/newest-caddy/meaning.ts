/** JSON as `caddy adapt` prints it. */
export type Config = { readonly [key: string]: Config } | readonly Config[] | string | number | boolean | null;

type Fields = { readonly [key: string]: Config };
const isFields = (config: Config | undefined): config is Fields =>
  typeof config === "object" && config !== null && !Array.isArray(config);

/** A place where two versions of Caddy write the same configuration differently. */
export interface Difference {
  readonly why: string;
  /** The common form for both versions; undefined for all other values. */
  readonly same: (key: string, value: Config) => Config | undefined;
}

const zeroSsl = "https://acme.zerossl.com/v2/DV90";

/** All differences between Caddy 2.6 and 2.11, and why each has no effect. */
export const differences: readonly Difference[] = [
  {
    why: "the newest stores the matcher's name beside an expression, for its error messages",
    same: (key, value) => (key === "expression" && isFields(value) ? value.expr : undefined),
  },
  {
    why: "the newest can write a host's requests to several logs",
    same: (key, value) =>
      key === "logger_names" && isFields(value)
        ? Object.fromEntries(Object.entries(value).map(([host, logs]) => [host, [logs].flat() as Config]))
        : undefined,
  },
  {
    why: "if a site has a port of its own, the oldest looks for its log by name and port first, and then by name",
    same: (key, value) =>
      key === "logger_names" && isFields(value)
        ? Object.fromEntries(Object.entries(value).map(([host, logs]) => [host.replace(/:\d+$/, ""), logs]))
        : undefined,
  },
  {
    why: "the order of a log's excluded logs and of a site's hidden files has no meaning",
    same: (key, value) =>
      (key === "exclude" || key === "hide") && Array.isArray(value) ? [...value].sort() : undefined,
  },
  {
    why: "the newest reaches ZeroSSL by ACME, and the oldest has a module that also uses ACME",
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
    why: "the newest puts the routes of handle_errors into a subroute, which has the same effect",
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
