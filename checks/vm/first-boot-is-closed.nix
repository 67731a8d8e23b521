# Proves: from the first moment on, Owncast's public password and key open nothing; the secrets are the host's own.
{ pkgs }:
let
  inherit (import ./lib/roles.nix { inherit pkgs; }) commands server viewer;
in
pkgs.testers.runNixOSTest {
  name = "first-boot-is-closed";
  nodes = {
    inherit server;
    attacker =
      { config, ... }:
      {
        imports = [ viewer ];
        # It ends when the server accepts it: 77 is a refusal, 69 an absent server.
        systemd.services.attack = {
          wantedBy = [ "multi-user.target" ];
          path = [ config.services.lectern.package ];
          script = "while true; do ${commands.publishWithPublicKey} || case $? in 69|77) continue; esac; exit; done";
        };
      };
  };
  testScript = ''
    attacker.wait_for_unit("attack.service")
    server.wait_for_unit("lectern-main-config.service")
    server.wait_for_unit("caddy.service")

    with subtest("the public stream key was never accepted, and is refused now"):
        assert attacker.execute("${commands.publishWithPublicKey}")[0] == 77
        attacker.require_unit_state("attack.service")

    with subtest("the public password opens nothing, and the admin page does not exist for viewers"):
        ask = "curl -s -o /dev/null -w %{http_code} --cacert /etc/lectern-test/ca.crt -u admin:abc123"
        assert server.succeed(f"{ask} http://127.0.0.1:8080/api/admin/serverconfig") == "401"
        assert attacker.succeed(f"{ask} https://live.test/api/admin/serverconfig") == "404"
        attacker.fail("nc -z live.test 8080")

    with subtest("the stage matches its declaration, and only root can read its secrets"):
        server.succeed("${commands.plan}")
        assert server.succeed("stat -c %a:%U /var/lib/lectern-secrets/main/*") == "600:root\n600:root\n"
  '';
}
