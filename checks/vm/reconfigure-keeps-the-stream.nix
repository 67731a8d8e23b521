# Proves: a switch to another stage file applies that file, and the stream goes on.
{ pkgs }:
let
  inherit (import ./lib/roles.nix { inherit pkgs; })
    commands
    server
    givenSecrets
    camera
    viewer
    ;
  name = "Renamed while live";
in
pkgs.testers.runNixOSTest {
  name = "reconfigure-keeps-the-stream";
  nodes = {
    inherit camera viewer;
    server = {
      imports = [
        server
        givenSecrets
      ];
      specialisation.renamed.configuration.services.lectern.stages.main.settings.instance = {
        inherit name;
      };
    };
  };
  testScript = ''
    start_all()
    server.wait_for_unit("lectern-main-config.service")
    camera.wait_for_unit("multi-user.target")
    camera.succeed("systemctl start publish")
    viewer.succeed("${commands.probe}")
    owncast = server.get_unit_property("owncast-main.service", "InvocationID")
    server.succeed("/run/current-system/specialisation/renamed/bin/switch-to-configuration test")

    with subtest("viewers see the new name, and nothing is left to change"):
        viewer.succeed("curl -fsS --cacert /etc/lectern-test/ca.crt https://live.test/api/config | grep -F '${name}'")
        server.succeed("${commands.plan}")

    with subtest("neither the server nor the camera has restarted, and the stream goes on"):
        assert server.get_unit_property("owncast-main.service", "InvocationID") == owncast
        camera.require_unit_state("publish.service")
        viewer.succeed("${commands.probe}")
  '';
}
