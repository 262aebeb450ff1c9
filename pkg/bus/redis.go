package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
)

// Hints have a channel of their own, which nothing that is shown can fill.
const (
	channel      = "multaqa:hints"
	channelShown = "multaqa:shown"
)

// Redis carries hints over one Redis publish/subscribe channel. While Redis is
// away hints still reach subscribers of the same node, and the client connects
// again by itself.
type Redis struct {
	*hub
	client *redis.Client
	node   string
	out    chan hint
	shown  latest
	cancel context.CancelFunc
	log    *slog.Logger
}

type message struct {
	Node  string `json:"f"`
	Topic string `json:"t"`
	N     int64  `json:"n"`
}

// NewRedis connects to an address (redis://…). node names this node; its own messages
// are delivered at once and ignored when they come back. An unreachable Redis
// is no error: hints are lossy.
func NewRedis(address, node string, log *slog.Logger) (*Redis, error) {
	opts, err := redis.ParseURL(address)
	var quoting *url.Error // quotes the address, and with it the password
	if errors.As(err, &quoting) {
		err = quoting.Err
	}
	if err != nil {
		return nil, fmt.Errorf("redis url: %w", err)
	}
	opts.DialTimeout, opts.ReadTimeout, opts.WriteTimeout = 2*time.Second, 2*time.Second, 2*time.Second
	ctx, cancel := context.WithCancel(context.Background())
	r := &Redis{hub: newHub(), client: redis.NewClient(opts), node: node, out: make(chan hint, 4096), shown: newLatest(), cancel: cancel, log: log}
	go r.send(ctx)
	go r.receive(ctx)
	go r.sendShown(ctx)
	go r.receiveShown(ctx)
	return r, nil
}

// Publish delivers on this node and sends to the others.
func (r *Redis) Publish(topic string, n int64) {
	r.deliver(topic, n)
	select {
	case r.out <- hint{topic, n}:
	default:
	}
}

func (r *Redis) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case h := <-r.out:
			body, _ := json.Marshal(message{r.node, h.topic, h.n})
			if err := r.client.Publish(ctx, channel, body).Err(); err != nil && ctx.Err() == nil {
				r.log.Warn("bus: hint lost", "topic", h.topic, "error", err)
			}
		}
	}
}

func (r *Redis) receive(ctx context.Context) {
	sub := r.client.Subscribe(ctx, channel)
	defer sub.Close()
	for m := range sub.Channel(redis.WithChannelSize(4096)) {
		var msg message
		if json.Unmarshal([]byte(m.Payload), &msg) == nil && msg.Node != r.node {
			r.deliver(msg.Topic, msg.N)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// Show hands body to the watchers of this node and sends it to the others.
func (r *Redis) Show(topic string, body []byte) {
	r.arrived.put(shownBy{r.node, topic}, body)
	r.shown.put(shownBy{r.node, topic}, body)
}

type shownMessage struct {
	Node  string `json:"f"`
	Topic string `json:"t"`
	Body  []byte `json:"b"`
}

func (r *Redis) sendShown(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.shown.more:
		}
		r.flushShown(ctx)
	}
}

func (r *Redis) flushShown(ctx context.Context) {
	for by, body, ok := r.shown.take(); ok && ctx.Err() == nil; by, body, ok = r.shown.take() {
		msg, _ := json.Marshal(shownMessage{by.node, by.topic, body})
		_ = r.client.Publish(ctx, channelShown, msg).Err() // the next one says more
	}
}

func (r *Redis) receiveShown(ctx context.Context) {
	sub := r.client.Subscribe(ctx, channelShown)
	defer sub.Close()
	for m := range sub.Channel(redis.WithChannelSize(256)) {
		var msg shownMessage
		if len(m.Payload) < 2*MaxShown && json.Unmarshal([]byte(m.Payload), &msg) == nil && msg.Node != r.node {
			r.arrived.put(shownBy{msg.Node, msg.Topic}, msg.Body)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// Ping asks Redis.
func (r *Redis) Ping(ctx context.Context) error { return r.client.Ping(ctx).Err() }

// Close sends what is still to be shown, stops sending and receiving.
func (r *Redis) Close() error {
	ctx, done := context.WithTimeout(context.Background(), time.Second)
	r.flushShown(ctx)
	done()
	r.cancel()
	r.stop()
	return r.client.Close()
}
