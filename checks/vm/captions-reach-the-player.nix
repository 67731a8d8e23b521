# Proves: a stage's own speech engine, which has no network, gives viewers a caption track with what the camera says; without the
# engine and without the service the picture goes on.
{ pkgs }:
let
  inherit (import ./lib/roles.nix { inherit pkgs; })
    commands
    server
    givenSecrets
    hearsEnglish
    speakingCamera
    viewer
    ;
in
pkgs.testers.runNixOSTest {
  name = "captions-reach-the-player";
  nodes = {
    server.imports = [
      server
      givenSecrets
      hearsEnglish
    ];
    camera = speakingCamera;
    viewer = viewer;
  };
  testScript = ''
    start_all()
    server.wait_for_unit("lectern-main-captions.service")
    server.wait_for_unit("lectern-main-speech@en.service")
    camera.wait_for_unit("multi-user.target")
    camera.succeed("systemctl start publish")

    with subtest("viewers are offered the track, and it says what the camera says"):
        viewer.wait_until_succeeds("${commands.trackIsOffered}")
        server.wait_until_succeeds("${commands.transcript}")

    with subtest("without the engine the picture goes on, and captions come back"):
        server.succeed("systemctl kill --signal=KILL lectern-main-speech@en.service")
        viewer.succeed("${commands.probe}")
        viewer.wait_until_succeeds("${commands.trackIsOffered}")

    with subtest("without the service viewers are offered no track"):
        server.succeed("systemctl stop lectern-main-captions.service")
        viewer.fail("${commands.trackIsOffered}")
        viewer.succeed("${commands.probe}")
  '';
}
