# Proves: the firewall lets viewers in from everywhere, and cameras from allowed networks. It opens no other port.
{
  lib,
  nixos,
  host,
  modulesOf,
  ...
}:
let
  firewallOf = stage: firewallIn (host [ stage ]);
  hostWith = stage: module: nixos (modulesOf [ stage ] ++ [ module ]);
  # owncasts-port-is-the-gates-alone.nix covers Owncast's own port.
  firewallIn =
    { networking, ... }:
    {
      inherit (networking.firewall) allowedTCPPorts allowedUDPPorts extraInputRules;
      extraCommands = lib.concatMapStrings (line: "${line}\n") (
        lib.filter (lib.hasInfix "nixos-fw") (lib.splitString "\n" networking.firewall.extraCommands)
      );
    };
  rtmp = 1935;
  web = {
    allowedTCPPorts = [
      80
      443
    ];
    allowedUDPPorts = [ ];
    extraCommands = "";
    extraInputRules = "";
  };
  known.ingest.allow = [
    "192.0.2.7"
    "2001:db8::/32"
  ];
in
{
  "TCP for pages and cameras" = {
    expr = firewallOf { };
    expected = web // {
      allowedTCPPorts = [
        80
        443
        rtmp
      ];
    };
  };

  "UDP for HTTP/3 alone, if the host asks for that and opens anything" = {
    expr =
      map
        (
          openFirewall:
          (firewallIn (hostWith { inherit openFirewall; } { services.lectern.http3.enable = true; }))
          .allowedUDPPorts
        )
        [
          true
          false
        ];
    expected = [
      [ 443 ]
      [ ]
    ];
  };

  "Owncast's own web server is not opened" = {
    expr = lib.elem 8123 (firewallOf { ports.web = 8123; }).allowedTCPPorts;
    expected = false;
  };

  "cameras of named networks alone, with iptables" = {
    expr = firewallOf known;
    expected = web // {
      extraCommands = ''
        iptables -w -A nixos-fw -p tcp --dport 1935 -s 192.0.2.7 -j nixos-fw-accept || true
        ip6tables -w -A nixos-fw -p tcp --dport 1935 -s 2001:db8::/32 -j nixos-fw-accept || true
      '';
    };
  };

  "cameras of named networks alone, with nftables" = {
    expr = firewallIn (hostWith known { networking.nftables.enable = true; });
    expected = web // {
      extraInputRules = ''
        ip saddr 192.0.2.7 tcp dport 1935 accept
        ip6 saddr 2001:db8::/32 tcp dport 1935 accept
      '';
    };
  };

  "where IPv6 is off, no rule is of it" = {
    expr =
      map
        (
          enable:
          let
            firewall = firewallIn (
              hostWith known {
                networking = {
                  enableIPv6 = false;
                  nftables = { inherit enable; };
                };
              }
            );
          in
          firewall.extraCommands + firewall.extraInputRules
        )
        [
          false
          true
        ];
    expected = [
      "iptables -w -A nixos-fw -p tcp --dport 1935 -s 192.0.2.7 -j nixos-fw-accept || true\n"
      "ip saddr 192.0.2.7 tcp dport 1935 accept\n"
    ];
  };

  "one family alone is not everywhere" = {
    expr = lib.elem rtmp (firewallOf { ingest.allow = [ "0.0.0.0/0" ]; }).allowedTCPPorts;
    expected = false;
  };

  "nobody allowed, nobody let in" = {
    expr = firewallOf { ingest.allow = [ ]; };
    expected = web;
  };

  "told not to, it opens nothing" = {
    expr = firewallOf { openFirewall = false; };
    expected = web // {
      allowedTCPPorts = [ ];
    };
  };
}
