# Closes Owncast's own RTMP port to all but the gate: Owncast binds it on every interface, and one message there can end Owncast.
# `openFirewall = false` does not change this: that option is about viewers and cameras.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  inherit (config.networking) firewall nftables;
  backend = import ../../core/lib/firewall-backend.nix config.networking;

  usesNft = nftables.enable;
  usesIptables = !usesNft && firewall.enable && backend == "iptables";

  stages = lib.mapAttrsToList (_name: stage: {
    port = toString stage.ports.owncastRtmp;
    user = stage.names.gateUser;
  }) cfg.stages;
  eachStage = lib.flip lib.concatMapStrings stages;
  allPorts = lib.concatStringsSep ", " (lib.unique (map ({ port, ... }: port) stages));
  portsOfUsers = lib.concatMapStringsSep ", " ({ port, user }: "${port} . \"${user}\"") stages;

  # Only the first packet of a connection is matched by its user: after a program has closed its end, packets have none.
  newInside = "-o lo -p tcp --syn";
  chain = "lectern-owncast";

  # A chain of its own, which packets pass first. A failing line must not end nixpkgs' script, which would leave the whole machine
  # open. Nothing removes the chain: if the firewall is stopped, this port stays closed.
  ownChain = table: hook: ''
    ip46tables -t ${table} -N ${chain} 2> /dev/null || true
    ip46tables -t ${table} -F ${chain} || true
    ip46tables -t ${table} -D ${hook} -j ${chain} 2> /dev/null || true
    ip46tables -t ${table} -I ${hook} -j ${chain} || true
  '';
  # From outside in `mangle`, before any rule of the host's in `filter` can accept.
  iptablesCommands =
    ownChain "mangle" "INPUT"
    + eachStage (
      { port, ... }:
      ''
        ip46tables -t mangle -A ${chain} ! -i lo -p tcp --dport ${port} -j DROP || true
      ''
    )
    + ownChain "filter" "OUTPUT"
    + eachStage (
      { port, user }:
      ''
        ip46tables -A ${chain} ${newInside} --dport ${port} -m owner --uid-owner ${user} -j RETURN || true
        ip46tables -A ${chain} ${newInside} --dport ${port} -j REJECT --reject-with tcp-reset || true
      ''
    );

  # One table may drop what another has accepted, so the order of tables does not matter.
  nftTable = {
    family = "inet";
    content = ''
      chain input {
        type filter hook input priority filter; policy accept;
        iifname != "lo" tcp dport { ${allPorts} } drop
      }
      chain output {
        type filter hook output priority filter; policy accept;
        oifname "lo" tcp dport { ${allPorts} } tcp flags & (fin | syn | rst | ack) == syn jump by-user
      }
      chain by-user {
        tcp dport . meta skuid { ${portsOfUsers} } accept
        reject with tcp reset
      }
    '';
  };

  # Both look the gate's users up when they start; where a unit makes users, it comes first.
  afterUsers.after = [
    "systemd-sysusers.service"
    "userborn.service"
  ];

  flushes =
    text:
    lib.any (line: builtins.match "[^#]*flush[[:space:]]+ruleset.*" line != null) (
      lib.splitString "\n" text
    );
  # Older versions of nixpkgs do not have the option.
  rulesetFile = nftables.rulesetFile or null;
  takesAway = "\"flush ruleset\", which removes Lectern's rules too";
  leaveOut = "leave that line out: NixOS itself removes what it loaded before";

  owncastPort = "Owncast's own RTMP port must be the gate's alone";
  fault =
    if firewall.enable && backend == "firewalld" then
      "networking.firewall.backend is \"firewalld\", for which Lectern has no rules, and ${owncastPort}: leave out services.firewalld.enable. The host then uses iptables, or nftables if networking.nftables.enable is true."
    else if !usesNft && !firewall.enable then
      "networking.firewall.enable is false, and ${owncastPort}: set it to true; or, if this host has another firewall, set networking.nftables.enable = true: Lectern then closes that port and nothing else."
    else if !usesNft && !usesIptables then
      "networking.firewall.backend is \"${backend}\", but networking.nftables.enable is false, so no rules are loaded, and ${owncastPort}: set networking.nftables.enable = true."
    else if usesNft && flushes nftables.ruleset then
      "networking.nftables.ruleset has ${takesAway}, and ${owncastPort}: ${leaveOut}."
    else if usesNft && rulesetFile != null && !lib.isPath rulesetFile then
      "networking.nftables.rulesetFile is ${rulesetFile}, which cannot be read before the switch: it may have ${takesAway}, and ${owncastPort}: give a path of your configuration, such as ./rules.nft, or write the rules to networking.nftables.ruleset."
    else if usesNft && rulesetFile != null && flushes (lib.readFile rulesetFile) then
      "networking.nftables.rulesetFile has ${takesAway}, and ${owncastPort}: ${leaveOut}."
    else
      null;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (lib.mkIf usesIptables {
        networking.firewall.extraCommands = lib.mkAfter iptablesCommands;
        systemd.services.firewall = afterUsers;
      })
      (lib.mkIf (usesNft && cfg.stages != { }) {
        networking.nftables.tables.lectern = nftTable;
        # The build checks the rules where the host's users do not exist.
        networking.nftables.preCheckRuleset = ''
          sed ${lib.concatMapStringsSep " " ({ user, ... }: "-e 's/\"${user}\"/0/g'") stages} -i ruleset.conf
        '';
        systemd.services.nftables = afterUsers;
      })
      {
        assertions = lib.optionals (cfg.stages != { }) [
          {
            assertion = fault == null;
            message = toString fault;
          }
        ];
      }
    ]
  );
}
