# Whether a text is one address of IPv4 or IPv6, without a prefix, a port, a zone or brackets.
{ lib }:
let
  octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  isV4 = text: builtins.match "${octet}([.]${octet}){3}" text != null;
  isV6 =
    text:
    builtins.match "[0-9a-fA-F:]+" text != null
    && (builtins.tryEval (lib.network.ipv6.fromString text).address).success;
in
text: isV4 text || isV6 text
