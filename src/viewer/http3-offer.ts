/** The part of an Alt-Svc header that offers HTTP/3, such as `h3=":443"`; undefined if there is none. */
export const http3Offer = (altSvc: string | undefined): string | undefined =>
  /(?:^|,)\s*(h3(?:-\d{1,3})?="[\w.:[\]-]{0,80}")/i.exec(altSvc ?? "")?.[1];
