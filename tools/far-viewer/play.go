package main

import (
	"fmt"
	"math"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"
)

const (
	// A player starts so many segments before the end of the playlist, and plays when it has them.
	startSegments = 3
	// After an error a player waits before it asks again.
	afterError = time.Second
	lookEvery  = 100 * time.Millisecond
)

// seen is what a viewer had of the video.
type seen struct {
	// StartSeconds is null if the video did not start.
	StartSeconds   *float64 `json:"startSeconds"`
	Stalls         int      `json:"stalls"`
	StalledSeconds float64  `json:"stalledSeconds"`
	WatchedSeconds float64  `json:"watchedSeconds"`
	SegmentSeconds float64  `json:"segmentSeconds"`
	Segments       int      `json:"segments"`
	// How long a segment's download took; the first ones, before the start, do not count.
	MedianDownloadSeconds float64 `json:"medianDownloadSeconds"`
	P95DownloadSeconds    float64 `json:"p95DownloadSeconds"`
	P95PlaylistSeconds    float64 `json:"p95PlaylistSeconds"`
	// Skipped: segments that left the playlist before this viewer came to them.
	Skipped int     `json:"skipped"`
	Errors  int     `json:"errors"`
	Mbps    float64 `json:"mbps"`
}

// player keeps the account of one viewer. Its buffer has no bound: at the live edge there is nothing more to fetch.
type player struct {
	client *client
	base   *url.URL
	begun  time.Time

	mutex   sync.Mutex
	changed *sync.Cond
	list    playlist
	over    bool

	playing bool
	started time.Time
	// Seconds of video that were shown, and that arrived; and when that was so.
	shown, arrived float64
	at             time.Time
	stalledSince   time.Time

	result               seen
	downloads, listTimes []float64
	bytes                int
}

func play(c *client, address string, watch, patience time.Duration) (*seen, error) {
	base, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	p := &player{client: c, base: base, begun: time.Now()}
	p.changed = sync.NewCond(&p.mutex)
	go p.followPlaylist()
	go p.fetchSegments()
	for {
		time.Sleep(lookEvery)
		p.mutex.Lock()
		isOver := p.started.IsZero() && time.Since(p.begun) > patience ||
			!p.started.IsZero() && time.Since(p.started) > watch
		if isOver {
			defer p.mutex.Unlock()
			return p.finish(time.Now()), nil
		}
		p.mutex.Unlock()
	}
}

// followPlaylist asks as video.js does: after a change the length of a segment later, else half of it.
func (p *player) followPlaylist() {
	for {
		asked := time.Now()
		text, err := p.client.get(p.base.String())
		var list playlist
		if err == nil {
			list, err = readPlaylist(text)
		}
		p.mutex.Lock()
		if p.over {
			p.mutex.Unlock()
			return
		}
		pause := afterError
		if err != nil {
			p.failed(err)
		} else {
			p.listTimes = append(p.listTimes, time.Since(asked).Seconds())
			pause = seconds(list.lastSeconds() / 2)
			if list.last() != p.list.last() || p.list.segments == nil {
				pause = seconds(list.lastSeconds())
			}
			p.list = list
			p.changed.Broadcast()
		}
		p.mutex.Unlock()
		time.Sleep(pause)
	}
}

// fetchSegments takes one segment after the other.
func (p *player) fetchSegments() {
	next := -1
	for {
		p.mutex.Lock()
		for p.list.segments == nil || next > p.list.last() {
			p.changed.Wait()
		}
		if next < 0 {
			next = max(p.list.first, p.list.last()-startSegments+1)
		}
		if next < p.list.first {
			p.result.Skipped += p.list.first - next
			next = p.list.first
		}
		wanted := p.list.segments[next-p.list.first]
		p.mutex.Unlock()

		asked := time.Now()
		body, err := p.client.get(p.base.JoinPath("..", wanted.name).String())
		p.mutex.Lock()
		if p.over {
			p.mutex.Unlock()
			return
		}
		if err != nil {
			p.failed(err)
			p.mutex.Unlock()
			time.Sleep(afterError)
			continue
		}
		next++
		p.take(time.Now(), time.Since(asked), wanted.seconds, len(body))
		p.mutex.Unlock()
	}
}

func (p *player) failed(err error) {
	p.result.Errors++
	fmt.Fprintln(os.Stderr, "far-viewer:", err)
}

// take adds a segment to the buffer, and starts the video or goes on with it.
func (p *player) take(now time.Time, took time.Duration, length float64, bytes int) {
	p.advance(now)
	p.arrived += length
	p.result.SegmentSeconds = length
	p.result.Segments++
	p.bytes += bytes
	if p.started.IsZero() {
		if p.result.Segments == startSegments {
			p.started, p.at, p.playing = now, now, true
		}
		return
	}
	p.downloads = append(p.downloads, took.Seconds())
	if !p.playing {
		p.result.StalledSeconds += now.Sub(p.stalledSince).Seconds()
		p.playing = true
	}
}

// advance moves the video on to now. It stops where the buffer ends.
func (p *player) advance(now time.Time) {
	if p.playing {
		passed := now.Sub(p.at).Seconds()
		if p.shown+passed < p.arrived {
			p.shown += passed
		} else {
			p.stalledSince = p.at.Add(seconds(p.arrived - p.shown))
			p.shown, p.playing = p.arrived, false
			p.result.Stalls++
		}
	}
	p.at = now
}

func (p *player) finish(now time.Time) *seen {
	p.over = true
	p.advance(now)
	r := &p.result
	if !p.started.IsZero() {
		start := rounded(p.started.Sub(p.begun).Seconds())
		r.StartSeconds = &start
		if !p.playing {
			r.StalledSeconds += now.Sub(p.stalledSince).Seconds()
		}
	}
	r.StalledSeconds, r.WatchedSeconds = rounded(r.StalledSeconds), rounded(p.shown)
	r.MedianDownloadSeconds, r.P95DownloadSeconds = quantile(p.downloads, 0.5), quantile(p.downloads, 0.95)
	r.P95PlaylistSeconds = quantile(p.listTimes, 0.95)
	r.Mbps = rounded(float64(p.bytes) * 8 / 1e6 / now.Sub(p.begun).Seconds())
	return r
}

func seconds(count float64) time.Duration { return time.Duration(count * float64(time.Second)) }

func rounded(value float64) float64 { return math.Round(value*1000) / 1000 }

func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return rounded(sorted[max(0, int(math.Ceil(share*float64(len(sorted))))-1)])
}
