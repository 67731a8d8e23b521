# Proves: each firewall closes Owncast's own RTMP port to all but the gate's user, and a host without a firewall is refused.
# The end-to-end tests try the rules.
{
  lib,
  nixos,
  host,
  modulesOf,
  refusals,
  ...
}:
let
  backendOf = import ../../modules/core/lib/firewall-backend.nix;
  hostWith = module: nixos (modulesOf [ ] ++ [ module ]);
  nft.networking.nftables.enable = true;
  refused = module: refusals (hostWith module);
  refusedFile =
    rulesetFile:
    refused {
      networking.nftables = {
        enable = true;
        inherit rulesetFile;
      };
    };
  port.ports.owncastRtmp = 19399;

  commandsFor = stage: (host [ stage ]).networking.firewall.extraCommands;
  tableFor =
    stage: (nixos (modulesOf [ stage ] ++ [ nft ])).networking.nftables.tables.lectern.content;
in
{
  "the rules name the stage's port and user, even if openFirewall is false" = {
    expr =
      let
        stage = port // {
          openFirewall = false;
        };
        commands = commandsFor stage;
        table = tableFor stage;
      in
      map (lib.flip lib.hasInfix commands) [
        "! -i lo -p tcp --dport 19399 -j DROP"
        "--dport 19399 -m owner --uid-owner gate-main -j RETURN"
        "--dport 19399 -j REJECT --reject-with tcp-reset"
      ]
      ++ map (lib.flip lib.hasInfix table) [
        "iifname != \"lo\" tcp dport { 19399 } drop"
        "tcp dport . meta skuid { 19399 . \"gate-main\" } accept"
      ];
    expected = [
      true
      true
      true
      true
      true
    ];
  };

  "no line of Lectern can make nixpkgs' firewall script fail" = {
    expr = lib.filter (line: line != "" && !lib.hasSuffix "|| true" line) (
      lib.splitString "\n" (commandsFor {
        ingest.allow = [
          "192.0.2.0/24"
          "2001:db8::/32"
        ];
      })
    );
    expected = [ ];
  };

  "a host has only the rules of its own firewall" = {
    expr = {
      iptables = (host [ ]).networking.nftables.tables;
      nftables = (hostWith nft).networking.firewall.extraCommands;
    };
    expected = {
      iptables = { };
      nftables = "";
    };
  };

  "the build checks nft's rules without the gate's user, and keeps other names that begin with gate-" =
    {
      expr = (hostWith nft).networking.nftables.preCheckRuleset;
      expected = "sed -e 's/\"gate-main\"/0/g' -i ruleset.conf\n";
    };

  "the firewall starts after the units that create users" = {
    expr = [
      (host [ ]).systemd.services.firewall.after
      (hostWith nft).systemd.services.nftables.after
    ];
    expected =
      let
        makers = [
          "systemd-sysusers.service"
          "userborn.service"
        ];
      in
      [
        makers
        makers
      ];
  };

  "a host without its last stage removes the rules" = {
    expr =
      let
        config = hostWith { services.lectern.stages = lib.mkForce { }; };
      in
      {
        flushes = lib.hasInfix "-F lectern-owncast" config.networking.firewall.extraCommands;
        closes = lib.hasInfix "--dport" config.networking.firewall.extraCommands;
        refusals = refusals config;
      };
    expected = {
      flushes = true;
      closes = false;
      refusals = [ ];
    };
  };

  "a host without a firewall is refused" = {
    expr = refused { networking.firewall.enable = false; };
    expected = [
      "networking.firewall.enable is false, and Owncast's own RTMP port must be the gate's alone: set it to true; or, if this host has another firewall, set networking.nftables.enable = true: Lectern then closes that port and nothing else."
    ];
  };

  "another firewall is accepted if nftables loads Lectern's rules" = {
    expr =
      let
        config = hostWith {
          networking.firewall.enable = false;
          networking.nftables.enable = true;
        };
      in
      {
        refusals = refusals config;
        tables = lib.attrNames config.networking.nftables.tables;
      };
    expected = {
      refusals = [ ];
      tables = [ "lectern" ];
    };
  };

  "firewalld is refused" = {
    expr = refused { services.firewalld.enable = true; };
    expected = [
      "networking.firewall.backend is \"firewalld\", for which Lectern has no rules, and Owncast's own RTMP port must be the gate's alone: leave out services.firewalld.enable. The host then uses iptables, or nftables if networking.nftables.enable is true."
    ];
  };

  "nftables is refused as the firewall's backend alone, because it then loads no rules" = {
    expr = refused { networking.firewall.backend = "nftables"; };
    expected = [
      "networking.firewall.backend is \"nftables\", but networking.nftables.enable is false, so no rules are loaded, and Owncast's own RTMP port must be the gate's alone: set networking.nftables.enable = true."
    ];
  };

  "a ruleset that removes Lectern's rules is refused" = {
    expr = refused {
      networking.nftables = {
        enable = true;
        ruleset = "flush ruleset\ntable inet mine { }\n";
      };
    };
    expected = [
      "networking.nftables.ruleset has \"flush ruleset\", which removes Lectern's rules too, and Owncast's own RTMP port must be the gate's alone: leave that line out: NixOS itself removes what it loaded before."
    ];
  };

  "a file of rules that removes Lectern's rules is refused" = {
    expr = refusedFile ./lib/flushing.nft;
    expected = [
      "networking.nftables.rulesetFile has \"flush ruleset\", which removes Lectern's rules too, and Owncast's own RTMP port must be the gate's alone: leave that line out: NixOS itself removes what it loaded before."
    ];
  };

  "a file that names such a rule only in a comment is accepted" = {
    expr = refusedFile ./lib/adding.nft;
    expected = [ ];
  };

  "a file of rules that cannot be read before the switch is refused" = {
    expr = refusedFile "/etc/nftables.nft";
    expected = [
      "networking.nftables.rulesetFile is /etc/nftables.nft, which cannot be read before the switch: it may have \"flush ruleset\", which removes Lectern's rules too, and Owncast's own RTMP port must be the gate's alone: give a path of your configuration, such as ./rules.nft, or write the rules to networking.nftables.ruleset."
    ];
  };

  "an older nixpkgs has no option for the backend, so nftables.enable decides" = {
    expr =
      map
        (
          enable:
          backendOf {
            firewall.enable = true;
            nftables = { inherit enable; };
          }
        )
        [
          false
          true
        ];
    expected = [
      "iptables"
      "nftables"
    ];
  };
}
