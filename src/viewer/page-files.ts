/** The paths of scripts and styles on the page's own server. */
export const ownFiles = (html: string): string[] => [
  ...new Set(
    [...html.matchAll(/<(?:script|link)\b[^>]*\s(?:src|href)="(\/(?!\/)[^"]+\.(?:js|css)(?:\?[^"]*)?)"/gi)].map(
      ([, path = ""]) => path,
    ),
  ),
];
