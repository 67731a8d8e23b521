// Command http3-get asks for addresses over HTTP/3, in order and over one connection, and over nothing else: no fall-back
// to an older HTTP. It prints one JSON object a line for each answer and exits with 1 when there is none.
package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// answer is what the server said to one request, the body as its length in bytes and its hash.
type answer struct {
	URL         string `json:"url"`
	Protocol    string `json:"protocol"`
	Status      int    `json:"status"`
	ContentType string `json:"contentType"`
	Bytes       int    `json:"bytes"`
	SHA256      string `json:"sha256"`
}

func main() {
	caFile := flag.String("ca", "", "PEM file of the authorities to trust, instead of the system's")
	address := flag.String("address", "", "connect to this address instead of what the names resolve to")
	timeout := flag.Duration("timeout", 30*time.Second, "how long all of it may take")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "http3-get [-ca FILE] [-address ADDRESS] [-timeout DURATION] https://HOST/PATH...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(*caFile, *address, *timeout, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "http3-get:", err)
		os.Exit(1)
	}
}

func run(caFile, address string, timeout time.Duration, urls []string) error {
	trusted, err := authorities(caFile)
	if err != nil {
		return err
	}
	transport := &http3.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}
	defer transport.Close()
	if address != "" {
		transport.Dial = leadingTo(address)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	out := json.NewEncoder(os.Stdout)
	for _, url := range urls {
		got, err := ask(ctx, transport, url)
		if err != nil {
			return fmt.Errorf("%s: %w", url, err)
		}
		if err := out.Encode(got); err != nil {
			return err
		}
	}
	return nil
}

// authorities reads what to trust; nil, which means the system's, without a file.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no PEM certificate", file)
	}
	return pool, nil
}

// leadingTo connects to an address whatever the name; the certificate must still be for the name.
func leadingTo(address string) func(context.Context, string, *tls.Config, *quic.Config) (*quic.Conn, error) {
	return func(ctx context.Context, name string, secure *tls.Config, config *quic.Config) (*quic.Conn, error) {
		_, port, err := net.SplitHostPort(name)
		if err != nil {
			return nil, err
		}
		return quic.DialAddrEarly(ctx, net.JoinHostPort(address, port), secure, config)
	}
}

func ask(ctx context.Context, transport *http3.Transport, url string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	hash := sha256.Sum256(body)
	return answer{
		URL:         url,
		Protocol:    response.Proto,
		Status:      response.StatusCode,
		ContentType: response.Header.Get("Content-Type"),
		Bytes:       len(body),
		SHA256:      hex.EncodeToString(hash[:]),
	}, nil
}
