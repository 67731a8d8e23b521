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
  "the firewall opens TCP ports for pages and cameras" = {
    expr = firewallOf { };
    expected = web // {
      allowedTCPPorts = [
        80
        443
        rtmp
      ];
    };
  };

  "the firewall opens UDP only for HTTP/3, if the host enables it and openFirewall is true" = {
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

  "the port of Owncast's own web server stays closed" = {
    expr = lib.elem 8123 (firewallOf { ports.web = 8123; }).allowedTCPPorts;
    expected = false;
  };

  "only cameras from named networks can connect, with iptables" = {
    expr = firewallOf known;
    expected = web // {
      extraCommands = ''
        iptables -w -A nixos-fw -p tcp --dport 1935 -s 192.0.2.7 -j nixos-fw-accept || true
        ip6tables -w -A nixos-fw -p tcp --dport 1935 -s 2001:db8::/32 -j nixos-fw-accept || true
      '';
    };
  };

  "only cameras from named networks can connect, with nftables" = {
    expr = firewallIn (hostWith known { networking.nftables.enable = true; });
    expected = web // {
      extraInputRules = ''
        ip saddr 192.0.2.7 tcp dport 1935 accept
        ip6 saddr 2001:db8::/32 tcp dport 1935 accept
      '';
    };
  };

  "a host without IPv6 has no IPv6 rules" = {
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

  "a network of all IPv4 addresses does not open the port for IPv6" = {
    expr = lib.elem rtmp (firewallOf { ingest.allow = [ "0.0.0.0/0" ]; }).allowedTCPPorts;
    expected = false;
  };

  "no camera can connect if no network is allowed" = {
    expr = firewallOf { ingest.allow = [ ]; };
    expected = web;
  };

  "openFirewall = false opens no port" = {
    expr = firewallOf { openFirewall = false; };
    expected = web // {
      allowedTCPPorts = [ ];
    };
  };
}
