package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

const (
	megabyte = 1 << 20
	// video.js gives up a request after it.
	requestLimit = 45 * time.Second
	// No playlist and no segment is larger.
	mostBytes = 64 * megabyte
)

// client asks over one version of HTTP.
type client struct {
	http  *http.Client
	major int
}

func newClient(protocol, caFile, address string) (*client, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("-ca: %w", err)
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("-ca: %s holds no PEM certificate", caFile)
	}
	secure := &tls.Config{RootCAs: trusted}
	switch protocol {
	case "h1", "h2":
		transport := &http.Transport{
			TLSClientConfig: secure, DisableCompression: true,
			// As many as browsers open over HTTP/1.1.
			MaxConnsPerHost: 6, MaxIdleConnsPerHost: 6,
			ForceAttemptHTTP2: protocol == "h2",
			DialContext: func(ctx context.Context, network, name string) (net.Conn, error) {
				place, err := leadTo(name, address)
				if err != nil {
					return nil, err
				}
				return (&net.Dialer{}).DialContext(ctx, network, place)
			},
		}
		if protocol == "h1" {
			transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
			return &client{&http.Client{Transport: transport}, 1}, nil
		}
		return &client{&http.Client{Transport: transport}, 2}, nil
	case "h3":
		transport := &http3.Transport{
			TLSClientConfig: secure, DisableCompression: true,
			QUICConfig: &quic.Config{
				// Chrome's windows: they do not limit a viewer on a line of 20 Mbit/s.
				InitialStreamReceiveWindow: 6 * megabyte, MaxStreamReceiveWindow: 6 * megabyte,
				InitialConnectionReceiveWindow: 15 * megabyte, MaxConnectionReceiveWindow: 15 * megabyte,
				HandshakeIdleTimeout: 20 * time.Second,
			},
			Dial: func(ctx context.Context, name string, secure *tls.Config, config *quic.Config) (*quic.Conn, error) {
				place, err := leadTo(name, address)
				if err != nil {
					return nil, err
				}
				return quic.DialAddrEarly(ctx, place, secure, config)
			},
		}
		return &client{&http.Client{Transport: transport}, 3}, nil
	}
	return nil, fmt.Errorf("-protocol: h1, h2 or h3, not %q", protocol)
}

// leadTo puts an address in the place of a name; the certificate must still be for the name.
func leadTo(name, address string) (string, error) {
	if address == "" {
		return name, nil
	}
	_, port, err := net.SplitHostPort(name)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(address, port), nil
}

// open asks for an address, and refuses an answer over another version of HTTP.
func (c *client) open(ctx context.Context, address string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.ProtoMajor != c.major || response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("%s: status %d over %s", address, response.StatusCode, response.Proto)
	}
	return response.Body, nil
}

// get reads a whole answer.
func (c *client) get(address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
	defer cancel()
	body, err := c.open(ctx, address)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(io.LimitReader(body, mostBytes))
}
