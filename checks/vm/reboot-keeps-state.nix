# Proves: a host keeps its secrets, its tokens and Owncast's database over a reboot, and serves the page again.
{ pkgs }:
let
  inherit (import ./lib/roles.nix { inherit pkgs; }) commands server;
in
pkgs.testers.runNixOSTest {
  name = "reboot-keeps-state";
  nodes = { inherit server; };
  testScript = ''
    kept = "sha256sum /var/lib/lectern-secrets/main/* /var/lib/lectern/main/tokens/*"
    server.wait_for_unit("lectern-main-config.service")
    server.succeed("${commands.title}")
    before = server.succeed(kept)
    server.shutdown()
    server.start()
    server.wait_for_unit("lectern-main-config.service")
    server.wait_for_unit("caddy.service")

    with subtest("secrets and tokens are the same"):
        assert server.succeed(kept) == before

    with subtest("an undeclared setting is still there, and nothing is left to change"):
        assert "Questions and answers" in server.succeed("${commands.status}")
        server.succeed("${commands.plan}")

    with subtest("the page loads"):
        server.succeed("curl -fsS --cacert /etc/lectern-test/ca.crt https://live.test/")
  '';
}
