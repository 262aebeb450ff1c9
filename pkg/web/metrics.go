package web

import (
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is the registry of the node; packages add their own collectors.
var Metrics = prometheus.NewRegistry()

// Labels are route patterns, never paths: a path names objects and people.
var requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
	Name: "multaqa_http_request_seconds", Help: "Time to answer, by route pattern.",
	Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, 1, 5},
}, []string{"route", "method", "status"})

func init() {
	Metrics.MustRegister(requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
}

// Gauge shows a number of the node among its metrics. A second hub of the
// process, as tests have, takes the name over from the first.
func Gauge(name, help string, read func() float64) {
	g := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read)
	Metrics.Unregister(g)
	_ = Metrics.Register(g)
}

func observe(route, method string, status int, d time.Duration) {
	requests.WithLabelValues(route, method, strconv.Itoa(status)).Observe(d.Seconds())
}

// DebugHandler is for the private listener: /metrics and /debug/.
func DebugHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(Metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("/debug/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!doctype html><title>debug</title><ul><li><a href="/metrics">metrics</a><li><a href="/debug/pprof/">profiles</a></ul>`))
	})
	return mux
}
