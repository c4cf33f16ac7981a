package httpserver

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// figures are what the server counts of itself.
type figures struct{ duration *prometheus.HistogramVec }

func newFigures(r *prometheus.Registry) figures {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "convoke_http_request_duration_seconds",
		Help:    "Time from the first byte of a request's body to its answer, by route and status.",
		Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"method", "route", "status"})
	r.MustRegister(h)
	return figures{h}
}

// count keeps the number of series bounded: a path that matches no route is "none".
func (f figures) count(method, route string, status int, d time.Duration) {
	if route == "" {
		route = "none"
	}
	f.duration.WithLabelValues(method, route, strconv.Itoa(status)).Observe(d.Seconds())
}
