# Reads networks as strictly as the strictest of iptables, nft, Caddy and nginx. One wrong network would end the firewall's script
# before it closes anything, or keep the web server from starting.
{ lib }:
let
  inherit (lib)
    concatStringsSep
    length
    mod
    splitString
    ;

  pow2 = exponent: lib.foldl' (product: _: product * 2) 1 (lib.range 1 exponent);
  fromHex = digits: (builtins.fromTOML "number = 0x${digits}").number;

  # Per family: the width of a group in bits, an address's groups as numbers (null for a bad address), and the text of groups.
  v4 = {
    name = "IPv4";
    bits = 32;
    width = 8;
    groupsOf =
      address:
      let
        octets = splitString "." address;
        isOctet = octet: builtins.match "0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]" octet != null;
      in
      if length octets == 4 && lib.all isOctet octets then map lib.toInt octets else null;
    textOf = groups: concatStringsSep "." (map toString groups);
  };

  v6 = {
    name = "IPv6";
    bits = 128;
    width = 16;
    groupsOf =
      address:
      let
        isGroup = group: builtins.match "[0-9a-fA-F]{1,4}" group != null;
        groupsIn = half: if half == "" then [ ] else splitString ":" half;
        halves = map groupsIn (splitString "::" address);
        given = lib.concatLists halves;
        zeros = 8 - length given;
        isWhole = length halves == 1 && zeros == 0;
        isShortened = length halves == 2 && zeros >= 1;
      in
      if lib.all isGroup given && (isWhole || isShortened) then
        map fromHex (lib.head halves)
        ++ lib.genList (_: 0) zeros
        ++ map fromHex (lib.concatLists (lib.tail halves))
      else
        null;
    textOf =
      groups:
      let
        zeros = lib.foldl' (count: group: if group == 0 then count + 1 else 0) 0 groups;
        text = concatStringsSep ":" (
          map (group: lib.toLower (lib.toHexString group)) (lib.take (8 - zeros) groups)
        );
      in
      if zeros == 0 then
        text
      else if zeros == 1 then
        "${text}:0"
      else
        "${text}::";
  };

  isV6 = lib.hasInfix ":";

  # The groups of an address with the bits after the prefix cleared.
  networkOf =
    { width, ... }:
    prefix:
    lib.imap0 (
      index: group:
      let
        covered = lib.min width (lib.max 0 (prefix - index * width));
      in
      group - mod group (pow2 (width - covered))
    );

  endsInOneGroup = address: lib.hasSuffix "::" address && length (splitString ":" address) == 9;

  dotted = text: builtins.match ".*:([0-9]+[.][0-9.]+)(/.*)?" text;
in
{
  inherit isV6;

  # Whether a text is one address, without prefix, port, zone or brackets.
  isAddress = text: (if isV6 text then v6 else v4).groupsOf text != null;

  # The fault of a network, and the right form; null if there is no fault.
  faultOf =
    text:
    let
      family = if isV6 text then v6 else v4;
      parts = splitString "/" text;
      address = lib.head parts;
      groups = family.groupsOf address;
      hasPrefix = length parts == 2;
      isPrefix = builtins.match "0|[1-9][0-9]{0,2}" (lib.last parts) != null;
      prefix = if hasPrefix then lib.toInt (lib.last parts) else family.bits;
      network = networkOf family prefix groups;
      mapped = v6.groupsOf "::ffff:0:0";
    in
    if isV6 text && lib.hasInfix "%" text then
      "a network has no zone: leave out what begins with %"
    else if isV6 text && dotted text != null then
      "not every firewall reads an IPv4 address inside an IPv6 address: write ${lib.head (dotted text)} alone, or the last two groups in hexadecimal"
    else if groups == null || length parts > 2 || hasPrefix && !isPrefix then
      "give networks or addresses, such as 192.0.2.0/24 or 2001:db8::/32"
    else if prefix > family.bits then
      "an ${family.name} prefix has at most ${toString family.bits} bits: give a length from 0 to ${toString family.bits}"
    else if isV6 text && prefix >= 96 && networkOf v6 96 groups == mapped then
      "these are IPv4 addresses, and no IPv6 packet comes from one: write them in IPv4's form, such as 192.0.2.0/24"
    else if isV6 text && endsInOneGroup address then
      "nginx does not read `::` at the end in place of one group: write ${lib.removeSuffix ":" address}0 in place of ${address}"
    else if network != groups then
      "this address lies inside a network: write ${family.textOf network}/${toString prefix} for the network, or ${address} for the address alone"
    else
      null;

  # For a matcher of Caddy, which needs at least one network. No request comes from the broadcast address.
  caddyText =
    networks:
    if networks == [ ] then "255.255.255.255/32" else concatStringsSep " " (lib.unique networks);

  # For a `geo` of nginx.
  nginxText = networks: lib.concatMapStringsSep " " (network: "${network} 1;") (lib.unique networks);
}
