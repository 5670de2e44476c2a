package app

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/okno-hq/okno/internal/egress"
	"github.com/okno-hq/okno/internal/job"
	"github.com/okno-hq/okno/internal/store/db"
)

// metrics counts what the server does, for Prometheus.
type metrics struct {
	registry  *prometheus.Registry
	databases *prometheus.HistogramVec
	jobs      *prometheus.HistogramVec
	requests  *prometheus.HistogramVec
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		databases: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "okno_database_work_seconds", Help: "Time of transactions, waiting included.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 3, 10),
		}, []string{"op", "result"}),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "okno_job_attempt_seconds", Help: "Time of attempts of jobs.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 9),
		}, []string{"kind", "outcome"}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "okno_platform_request_seconds", Help: "Time of requests to platforms.", Buckets: prometheus.ExponentialBuckets(0.01, 3, 9),
		}, []string{"kind", "operation", "class"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "okno_build_info", Help: "1, with the version as a label.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.databases, m.jobs, m.requests, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) database(s db.Stat) {
	result := "ok"
	if s.Err != nil {
		result = "error"
	}
	m.databases.WithLabelValues(s.Op, result).Observe(s.Took.Seconds())
}

func (m *metrics) job(s job.Stat) {
	m.jobs.WithLabelValues(s.Kind, s.Outcome).Observe(s.Took.Seconds())
}

func (m *metrics) egress(kind string) func(egress.Observation) {
	return func(o egress.Observation) {
		class := string(o.Class)
		if class == "" {
			class = "ok"
		}
		m.requests.WithLabelValues(kind, o.Operation, class).Observe(o.Took.Seconds())
	}
}

func (m *metrics) gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// watch adds what is read from the running parts when somebody asks.
func (m *metrics) watch(a *App) {
	m.gauge("okno_live_sockets", "Open live connections.", func() float64 { return float64(a.hub.Clients()) })
	m.gauge("okno_search_events_behind", "Events the search index has not come to.", func() float64 { return float64(a.indexer.Progress().Behind) })
	start := time.Now()
	m.gauge("okno_uptime_seconds", "Time since the start.", func() float64 { return time.Since(start).Seconds() })
	m.watchRoom(a)
}
