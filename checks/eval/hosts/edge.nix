# An edge of the two stages of the host `two`: page and video of the first, the video of the second.
{
  networking.hostName = "edge";

  services.lectern.edge = {
    enable = true;
    domain = "edge.test";
    origin.url = "https://one.test";
    origin.authorities = "/var/lib/certificates/origin.pem";
    secret.file = "/run/secrets/edge-secret";
    tls = {
      certificate = "/var/lib/certificates/edge.test.pem";
      key = "/var/lib/certificates/edge.test.key";
    };
    more.second = {
      domain = "second-edge.test";
      origin.url = "https://two.test";
      mode = "video";
      tls = {
        certificate = "/var/lib/certificates/second-edge.test.pem";
        key = "/var/lib/certificates/second-edge.test.key";
      };
    };
  };
}
