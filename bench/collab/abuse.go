package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/bench/rig"
)

// abuse is ten editors while a hundred sockets of other people misuse theirs: the editors' latency is the figure.
func (b *collab) abuse() error {
	const abusive = 100
	fmt.Printf("• ten editors beside %d abusive sockets\n", abusive)
	w := b.workload(1, 10)
	var outs []outcome
	for range b.o.runs {
		w.beside = func(ctx context.Context) {
			var wg sync.WaitGroup
			for n := range abusive {
				wg.Go(func() { b.ours.misuse(ctx, 10+n) })
			}
			wg.Wait()
		}
		out, err := b.once(b.ours, rig.Seed{Docs: 1, Editors: 10 + abusive, Text: baseText(400)}, w)
		if err != nil {
			return err
		}
		outs = append(outs, out)
	}
	b.table.Add("E=10 beside 100 abusive sockets: delivery, 99th percentile", med(outs, func(o outcome) float64 { return o.p99 }), math.NaN(), "ms", rig.Bar{Value: 250, Of: "ours"}, "")
	b.converged("E=10 beside 100 abusive sockets: ", outs, nil)
	return nil
}

// misuse connects as person n, does something wrong, and comes back after 0.2 to 0.4 s, until ctx ends. Every seventh socket opens the draft and
// reads nothing.
func (o *ours) misuse(ctx context.Context, n int) {
	rnd := rand.New(rand.NewPCG(77, uint64(n)))
	header := http.Header{"Cookie": {"multaqa=" + o.world.Sessions[n%len(o.world.Sessions)]}}
	for ctx.Err() == nil {
		s, err := dial(ctx, "ws://"+o.addr+"/api/v1/live", n, header, "multaqa.v1")
		if err == nil {
			switch n % 7 {
			case 0:
				_ = s.write(websocket.TextMessage, []byte(`{"t":"open","draft":"`+o.world.Drafts[0]+`"}`))
				<-ctx.Done()
			case 1:
				_ = s.write(websocket.TextMessage, []byte(`{"t":"open"`))
			case 2:
				_ = s.write(websocket.BinaryMessage, make([]byte, 600<<10))
			case 3:
				junk := make([]byte, 1+rnd.IntN(4000))
				for i := range junk {
					junk[i] = byte(rnd.Uint32())
				}
				_ = s.write(websocket.BinaryMessage, junk)
			case 4:
				for range 300 {
					if s.write(websocket.TextMessage, []byte(`{"t":"ping"}`)) != nil {
						break
					}
				}
			case 5:
				_ = s.write(websocket.BinaryMessage, []byte{1, 1, 0, 1, 1, 1, 1, 6, 'x'})
			case 6:
				_ = s.write(websocket.TextMessage, []byte(strings.Repeat("[", 200<<10)))
			}
			// To its end, or for a second.
			_ = s.ws.SetReadDeadline(time.Now().Add(time.Second))
			for n%7 != 0 {
				if _, _, err := s.next(); err != nil {
					break
				}
			}
			_ = s.ws.Close()
		}
		select {
		case <-time.After(time.Duration(200+rnd.IntN(200)) * time.Millisecond):
		case <-ctx.Done():
		}
	}
}
