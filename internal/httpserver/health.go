package httpserver

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"

	"github.com/convoke/convoke/internal/account"
)

const (
	healthPath  = "/healthz"
	readyPath   = "/readyz"
	metricsPath = "/metrics"
	checkTime   = 3 * time.Second
)

// Check is one thing that must work before people are let in.
type Check struct {
	Name string
	Fn   func(ctx context.Context) error
}

type checkResult struct {
	Name  string  `json:"name"`
	OK    bool    `json:"ok"`
	Milli float64 `json:"ms"`
}

func (s *Server) systemRoutes() {
	s.Handle(fiber.MethodGet, healthPath, account.PublicRead, health)
	s.Handle(fiber.MethodGet, readyPath, account.PublicRead, s.ready)
	metrics := fasthttpadaptor.NewFastHTTPHandler(promhttp.HandlerFor(s.Registry, promhttp.HandlerOpts{}))
	s.Handle(fiber.MethodGet, metricsPath, account.PublicRead, func(c *fiber.Ctx) error {
		metrics(c.Context())
		return nil
	})
}

// health says that the process answers.
func health(c *fiber.Ctx) error { return c.JSON(fiber.Map{"status": "ok"}) }

// ready asks every check. What went wrong is in the log, not in the answer.
func (s *Server) ready(c *fiber.Ctx) error {
	results, status := make([]checkResult, 0, len(s.Checks)), fiber.StatusOK
	for _, check := range s.Checks {
		start := time.Now()
		err := s.ask(c.UserContext(), check)
		if err != nil {
			status = fiber.StatusServiceUnavailable
			s.Log.Warn("not ready", "check", check.Name, "error", err)
		}
		results = append(results, checkResult{check.Name, err == nil, float64(time.Since(start).Microseconds()) / 1000})
	}
	return c.Status(status).JSON(fiber.Map{"ready": status == fiber.StatusOK, "checks": results})
}

func (s *Server) ask(ctx context.Context, check Check) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	return check.Fn(ctx)
}
