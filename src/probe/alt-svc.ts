/** How an Alt-Svc header offers HTTP/3, such as `h3=":443"`; undefined if it does not. */
export function http3Offer(altSvc: string | undefined): string | undefined {
  return /(?:^|,)\s*(h3(?:-\d{1,3})?="[\w.:[\]-]{0,80}")/i.exec(altSvc ?? "")?.[1];
}
