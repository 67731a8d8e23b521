# The speech servers and translators that are not on this host, and what a unit needs to reach them.
{ lib }:
let
  inherit (import ../../core/lib/networks.nix { inherit lib; }) isAddress;

  # The host of `host:port` or of `remote:http://host:port/path`, without brackets. Null for a socket or a program.
  hostOf =
    place:
    let
      parts = builtins.match "(remote:)?(https?://)?(\\[([0-9a-fA-F:.]+)]|([A-Za-z0-9._-]+))(:[0-9]+)?(/.*)?" place;
      bracketed = lib.elemAt parts 3;
    in
    if lib.hasPrefix "unix:" place || lib.hasPrefix "/" place || parts == null then
      null
    else if bracketed != null then
      bracketed
    else
      lib.elemAt parts 4;

  isHere = host: host == "localhost" || host == "::1" || lib.hasPrefix "127." host;
in
{
  inherit hostOf isHere;

  # What a unit's sandbox opens for these places. Addresses are opened one by one. A name may lead to any address, and name servers
  # have any.
  accessTo =
    places:
    let
      outside = lib.filter (host: host != null && !isHere host) (map hostOf places);
    in
    if lib.all isAddress outside then
      lib.optionalAttrs (outside != [ ]) { IPAddressAllow = [ "localhost" ] ++ lib.unique outside; }
    else
      {
        IPAddressDeny = "";
        IPAddressAllow = "";
      };
}
