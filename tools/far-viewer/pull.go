package main

import (
	"context"
	"errors"
	"io"
	"time"
)

// pulled is the rate of a long download.
type pulled struct {
	Mbps float64 `json:"mbps"`
	// Seconds: what was measured. It is shorter than asked for if the file ended.
	Seconds float64 `json:"seconds"`
}

// pull measures the rate of a download after its start. A connection that stands still is measured too: as 0.
func pull(c *client, address string, warm, during time.Duration) (*pulled, error) {
	ctx, cancel := context.WithTimeout(context.Background(), warm+during)
	defer cancel()
	begun := time.Now()
	body, err := c.open(ctx, address)
	if err != nil {
		if ctx.Err() != nil {
			return &pulled{0, during.Seconds()}, nil
		}
		return nil, err
	}
	defer body.Close()
	buffer := make([]byte, 1<<16)
	bytes := 0
	end := begun.Add(warm + during)
	for {
		count, err := body.Read(buffer)
		now := time.Now()
		if now.After(begun.Add(warm)) && !now.After(end) {
			bytes += count
		}
		if errors.Is(err, io.EOF) {
			end = now
			break
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	seconds := end.Sub(begun.Add(warm)).Seconds()
	if seconds <= 0 {
		return nil, errors.New("the file ended before the measurement began: it is too small")
	}
	return &pulled{rounded(float64(bytes) * 8 / 1e6 / seconds), rounded(seconds)}, nil
}
