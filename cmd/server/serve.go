package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/config"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/hub"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/web"
)

type serveCmd struct{}

// Run serves until a signal.
func (serveCmd) Run(a *app) error {
	d, err := a.open(false)
	if err != nil {
		return a.stopped(err)
	}
	defer d.Close()
	if !a.shares() {
		release, err := a.alone(d)
		if err != nil {
			return a.stopped(err)
		}
		defer release()
	}
	if _, err := d.Migrate(a.ctx); err != nil {
		return a.stopped(err)
	}
	return a.serve(d, nil, func(h *hub.Hub) error {
		token, _, needed, err := h.Members.IssueSetupToken(a.ctx)
		if err != nil || !needed {
			return err
		}
		fmt.Fprintf(os.Stdout, "\n  No account yet. Set the network up within an hour at\n\n    %s/setup?token=%s\n\n", a.cfg.BaseURL, token)
		return nil
	})
}

// stopped is nil for an error that came because a stop was asked for before the hub served: that ends a start, and is no failure of it.
func (a *app) stopped(err error) error {
	if err == nil || a.ctx.Err() == nil {
		return err
	}
	a.log.Info("stopped before serving", "interrupted", err.Error())
	return nil
}

// open opens the database of the settings; migrate brings its schema up.
func (a *app) open(migrate bool) (*db.DB, error) {
	d, err := db.Open(a.ctx, a.cfg.Data, a.cfg.DatabaseURL)
	if err != nil {
		return nil, err
	}
	if migrate {
		if _, err := d.Migrate(a.ctx); err != nil {
			d.Close()
			return nil, err
		}
	}
	return d, nil
}

// shares tells whether other hubs may work on the same database: through Redis they hear of each other's changes.
func (a *app) shares() bool { return a.cfg.RedisURL != "" }

// alone keeps every other hub from the database until release: two without
// Redis would look for each other's changes only every two seconds, and show
// nobody who writes on the other.
func (a *app) alone(d *db.DB) (release func(), err error) {
	release, free, err := d.Alone(a.ctx)
	if err == nil && !free {
		err = errors.New("another hub works on this database. Stop it first; several hubs share PostgreSQL and Redis (MULTAQA_REDIS_URL)")
	}
	return release, err
}

// bus connects this node to the others, or to itself.
func (a *app) bus() (bus.Bus, error) {
	if a.cfg.RedisURL == "" {
		return bus.NewMemory(), nil
	}
	return bus.NewRedis(a.cfg.RedisURL, id.New("nd"), a.log)
}

// serve joins the hub, listens, calls ready, and works until the context ends;
// then it drains: /readyz fails, sockets are told to come back, open requests
// finish.
func (a *app) serve(d *db.DB, signIn *web.DemoSignIn, ready func(*hub.Hub) error) error {
	b, err := a.bus()
	if err != nil {
		return err
	}
	defer b.Close()
	h, err := hub.New(a.cfg, d, b, a.log, signIn)
	if err != nil {
		return err
	}
	defer h.Close()
	handler, err := h.Web.Handler()
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", a.cfg.Addr)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 60 * time.Second,
		IdleTimeout: 120 * time.Second, MaxHeaderBytes: 32 << 10}
	web.Gauge("multaqa_sockets", "Open sockets.", func() float64 { return float64(h.Live.Stats().Sockets) })
	web.Gauge("multaqa_drafts_open", "Drafts that somebody has open here.", func() float64 { return float64(h.Live.Stats().Drafts) })
	web.Gauge("multaqa_sockets_full", "Open sockets that take nothing at the moment.", func() float64 { return float64(h.Live.Stats().Full) })
	web.Gauge("multaqa_sockets_queued_bytes", "Bytes that wait for sockets.", func() float64 { return float64(h.Live.Stats().Queued) })
	stopDebug, err := a.debug(a.cfg)
	if err != nil {
		return err
	}
	defer stopDebug()

	work, stopWork := context.WithCancel(context.Background())
	defer stopWork()
	done := make(chan struct{})
	wait := h.Start(work)
	go func() { defer close(done); wait() }()
	lean()
	trim(work)
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	a.log.Info("serving", "addr", ln.Addr().String(), "base_url", a.cfg.BaseURL, "database", d.Engine())
	if err := a.stopped(ready(h)); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	case <-a.ctx.Done():
	}
	a.log.Info("draining")
	h.Web.Drain()
	ctx, cancel := context.WithTimeout(context.Background(), a.cfg.DrainTime)
	defer cancel()
	h.Live.Drain(ctx)
	err = srv.Shutdown(ctx)
	stopWork()
	<-done
	if errors.Is(err, context.DeadlineExceeded) {
		a.log.Warn("requests were still open after the drain time")
		return nil
	}
	return err
}

// debug serves metrics and profiles on their own, private address.
func (a *app) debug(cfg *config.Config) (stop func(), err error) {
	if cfg.DebugAddr == "" || cfg.DebugAddr == "off" {
		return func() {}, nil
	}
	ln, err := net.Listen("tcp", cfg.DebugAddr)
	if err != nil {
		// A second hub on one machine keeps its service; only its metrics are missing.
		a.log.Warn("no metrics: debug address not available", "addr", cfg.DebugAddr, "error", err)
		return func() {}, nil
	}
	srv := &http.Server{Handler: web.DebugHandler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(ln) }()
	return func() { _ = srv.Close() }, nil
}
