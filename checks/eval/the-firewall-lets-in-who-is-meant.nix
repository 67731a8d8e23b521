# Proves: viewers come in from everywhere, HTTP/3 too; cameras from where they are allowed; nothing else is opened.
{
  libPath ? <nixpkgs/lib>,
}:
let
  inherit (import ./lib { inherit libPath; })
    lib
    nixos
    host
    modulesOf
    ;
  firewallOf = stage: {
    inherit ((host [ stage ]).networking.firewall)
      allowedTCPPorts
      allowedUDPPorts
      extraCommands
      extraInputRules
      ;
  };
  rtmp = 1935;
  web = {
    allowedTCPPorts = [
      80
      443
    ];
    allowedUDPPorts = [ 443 ];
    extraCommands = "";
    extraInputRules = "";
  };
  known.ingest.allow = [
    "192.0.2.7"
    "2001:db8::/32"
  ];
in
{
  "TCP for pages and cameras, UDP for HTTP/3" = {
    expr = firewallOf { };
    expected = web // {
      allowedTCPPorts = [
        80
        443
        rtmp
      ];
    };
  };

  "Owncast's own web server is not opened" = {
    expr = lib.elem 8123 (firewallOf { ports.web = 8123; }).allowedTCPPorts;
    expected = false;
  };

  "cameras of named networks alone, with iptables" = {
    expr = firewallOf known;
    expected = web // {
      extraCommands = ''
        iptables -A nixos-fw -p tcp --dport 1935 -s 192.0.2.7 -j nixos-fw-accept
        ip6tables -A nixos-fw -p tcp --dport 1935 -s 2001:db8::/32 -j nixos-fw-accept
      '';
    };
  };

  "cameras of named networks alone, with nftables" = {
    expr =
      let
        inherit ((nixos (modulesOf [ known ] ++ [ { networking.nftables.enable = true; } ])).networking)
          firewall
          ;
      in
      {
        inherit (firewall) allowedTCPPorts extraCommands extraInputRules;
      };
    expected = {
      allowedTCPPorts = web.allowedTCPPorts;
      extraCommands = "";
      extraInputRules = ''
        ip saddr 192.0.2.7 tcp dport 1935 accept
        ip6 saddr 2001:db8::/32 tcp dport 1935 accept
      '';
    };
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
      allowedUDPPorts = [ ];
    };
  };
}
