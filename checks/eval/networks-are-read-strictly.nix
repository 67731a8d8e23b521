# Proves: a network must be in a form that iptables, nft, Caddy and nginx all read alike; others are refused with the right form.
# The end-to-end tests give the accepted forms of this table to all four programs.
{
  lib,
  host,
  refusals,
  ...
}:
let
  inherit (import ../../modules/core/lib/networks.nix { inherit lib; }) faultOf;
  inherit (lib.importJSON ./lib/networks.json) good bad;
  stage = "services.lectern.stages.main";

  # All prefix lengths of an address with all bits set: the network that the refusal suggests is accepted.
  named =
    address: length:
    let
      refusal = faultOf "${address}/${toString length}";
    in
    lib.head (builtins.match ".*write ([^ ]+) for the network.*" refusal);
  roundTrips = address: bits: map (named address) (lib.range 0 (bits - 1));
  ones = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
in
{
  "all valid networks are accepted" = {
    expr = lib.filter (network: faultOf network != null) good;
    expected = [ ];
  };

  "all invalid networks are refused, and each error gives the right form" = {
    expr = lib.filterAttrs (network: remedy: !lib.hasInfix remedy (toString (faultOf network))) bad;
    expected = { };
  };

  "an error about a host's address suggests a valid network, for every prefix length" = {
    expr = lib.filter (network: faultOf network != null) (
      roundTrips "255.255.255.255" 32 ++ roundTrips ones 128
    );
    expected = [ ];
  };

  "the suggested networks are correct" = {
    expr =
      map (named "255.255.255.255") [
        0
        1
        9
        31
      ]
      ++ map (named ones) [
        0
        1
        16
        17
        112
        127
      ];
    expected = [
      "0.0.0.0/0"
      "128.0.0.0/1"
      "255.128.0.0/9"
      "255.255.255.254/31"
      "::/0"
      "8000::/1"
      "ffff::/16"
      "ffff:8000::/17"
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:0/112"
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127"
    ];
  };

  "the error begins with the option and ends with the remedy" = {
    expr = refusals (host [
      {
        admin.allow = [
          "10.0.0.0/99"
          "office.test"
        ];
        ingest.allow = [
          "192.0.2.0/40"
          "1.2.3.4\n5.6.7.8"
        ];
      }
    ]);
    expected = [
      "${stage}.admin.allow has \"10.0.0.0/99\": an IPv4 prefix has at most 32 bits: give a length from 0 to 32."
      "${stage}.admin.allow has \"office.test\": give networks or addresses, such as 192.0.2.0/24 or 2001:db8::/32."
      "${stage}.ingest.allow has \"192.0.2.0/40\": an IPv4 prefix has at most 32 bits: give a length from 0 to 32."
      "${stage}.ingest.allow has \"1.2.3.4\\n5.6.7.8\": give networks or addresses, such as 192.0.2.0/24 or 2001:db8::/32."
    ];
  };
}
