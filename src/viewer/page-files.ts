// Owncast's tags have 100 characters. Whatever a page holds, one look at each character is enough.
const tags = /<(?:script|link)\b[^<>]{0,1000}/gi;
const addresses = /\s(?:src|href)="([^"]{0,1000})"/gi;
const ownFile = /^\/(?!\/)[^?]+\.(?:js|css)(?:\?|$)/i;

/** The paths of scripts and styles on the page's own server. */
export function ownFiles(html: string): string[] {
  const found = [...html.matchAll(tags)].flatMap(([tag]) => [...tag.matchAll(addresses)].map(([, path = ""]) => path));
  return [...new Set(found.filter((path) => ownFile.test(path)))];
}
