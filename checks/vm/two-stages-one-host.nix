# Proves: two stages of one host are each live under their own name, and cannot read each other's files.
{ pkgs }:
let
  inherit (import ./lib/roles.nix { inherit pkgs; })
    commands
    server
    givenSecrets
    second
    camera
    viewer
    ;
in
pkgs.testers.runNixOSTest {
  name = "two-stages-one-host";
  nodes = {
    inherit viewer;
    server.imports = [
      server
      givenSecrets
      second
    ];
    camera =
      { config, ... }:
      {
        imports = [ camera ];
        systemd.services.publish-to-second = {
          path = [ config.services.lectern.package ];
          script = commands.publishToSecond;
        };
      };
  };
  testScript = ''
    start_all()
    server.wait_for_unit("lectern-main-config.service")
    server.wait_for_unit("lectern-second-config.service")
    camera.wait_for_unit("multi-user.target")
    camera.succeed("systemctl start publish publish-to-second")

    with subtest("viewers get both stages as declared"):
        viewer.succeed("${commands.probe}")
        viewer.succeed("${commands.probeSecond}")
        server.succeed("${commands.plan}")
        server.succeed("${commands.planSecond}")

    with subtest("no stage's server can read the other stage's files"):
        for user, other in [("main", "second"), ("second", "main")]:
            become = f"setpriv --reuid=lectern-{user} --regid=lectern-{user} --clear-groups"
            server.succeed(f"{become} ls /var/lib/lectern/{user}")
            server.fail(f"{become} ls /var/lib/lectern/{other}")
  '';
}
