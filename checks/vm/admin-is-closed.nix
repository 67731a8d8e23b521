# Proves: viewers reach neither the admin page nor Owncast's own port. Networks of admin.allow reach the page, which asks for
# its password.
{ pkgs }:
let
  inherit (import ./lib/roles.nix { inherit pkgs; })
    commands
    server
    givenSecrets
    camera
    viewer
    ;
in
pkgs.testers.runNixOSTest {
  name = "admin-is-closed";
  nodes = {
    inherit camera viewer;
    office = viewer;
    server =
      { nodes, ... }:
      {
        imports = [
          server
          givenSecrets
        ];
        services.lectern.stages.main.admin.allow = [ "${nodes.office.networking.primaryIPAddress}/32" ];
      };
  };
  testScript = ''
    start_all()
    server.wait_for_unit("lectern-main-config.service")
    camera.wait_for_unit("multi-user.target")
    camera.succeed("systemctl start publish")
    ask = "curl -s -o /dev/null -w %{http_code} --cacert /etc/lectern-test/ca.crt"

    with subtest("a viewer sees the stream and cannot open the admin page or Owncast's port"):
        viewer.succeed("${commands.probeClosed}")
        assert viewer.succeed(f"{ask} https://live.test/admin/") == "404"

    with subtest("the office reaches the admin page, which refuses Owncast's public password"):
        office.wait_for_unit("multi-user.target")
        assert office.succeed(f"{ask} https://live.test/admin/") == "401"
        assert office.succeed(f"{ask} -u admin:abc123 -H Origin:https://live.test https://live.test/api/admin/status") == "401"
  '';
}
