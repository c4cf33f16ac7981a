package bench

import (
	"fmt"
	"io"
)

// SendRound is one campaign beside one run of the bare sender.
type SendRound struct {
	BarePerSecond float64 `json:"bare_per_second"`
	PerSecond     float64 `json:"per_second"` // from the launch request to the last row committed
	Ratio         float64 `json:"ratio"`
	FirstMS       float64 `json:"first_message_ms"` // from the launch request to the first message that the sink took
	CPUPer1000    float64 `json:"cpu_seconds_per_1000"`
	MemoryMB      float64 `json:"memory_mb"` // the most that the process held during the round; 0 where the system does not say
}

// SendReport is what was measured of sending. Figures over all rounds are medians; that of memory is the most.
type SendReport struct {
	Database      string      `json:"database"`
	Queue         string      `json:"queue"`
	Recipients    int         `json:"recipients"`
	Connections   int         `json:"connections"`
	LatencyMS     float64     `json:"latency_ms"`
	MessageBytes  int         `json:"message_bytes"`
	BarePerSecond float64     `json:"bare_per_second"`
	PerSecond     float64     `json:"per_second"`
	Ratio         float64     `json:"ratio"`
	FirstMS       float64     `json:"first_message_ms"`
	CPUPer1000    float64     `json:"cpu_seconds_per_1000"`
	MemoryMB      float64     `json:"memory_mb"`
	SignInMS      float64     `json:"sign_in_ms"` // from asking for a link amid a campaign to its arrival
	PauseMS       float64     `json:"pause_ms"`   // from the request to the last message
	Steered       string      `json:"steered,omitempty"`
	Rounds        []SendRound `json:"rounds"`
}

func (r *SendReport) sum() {
	of := func(figure func(SendRound) float64) []float64 {
		all := make([]float64, len(r.Rounds))
		for i, round := range r.Rounds {
			all[i] = figure(round)
		}
		return all
	}
	r.BarePerSecond = median(of(func(s SendRound) float64 { return s.BarePerSecond }))
	r.PerSecond = median(of(func(s SendRound) float64 { return s.PerSecond }))
	r.Ratio = median(of(func(s SendRound) float64 { return s.Ratio }))
	r.FirstMS = median(of(func(s SendRound) float64 { return s.FirstMS }))
	r.CPUPer1000 = median(of(func(s SendRound) float64 { return s.CPUPer1000 }))
	for _, m := range of(func(s SendRound) float64 { return s.MemoryMB }) {
		r.MemoryMB = max(r.MemoryMB, m)
	}
}

// Print writes the figures for people.
func (r SendReport) Print(to io.Writer) error {
	lines := []string{
		fmt.Sprintf("%s, %s: %d recipients in five languages, %d bytes a message, %d connections, the sink takes %.0f ms a message",
			r.Database, r.Queue, r.Recipients, r.MessageBytes, r.Connections, r.LatencyMS),
		fmt.Sprintf("%12s %12s %7s %10s %14s %9s", "bare/s", "convoke/s", "ratio", "first ms", "CPU s/1,000", "memory MB"),
	}
	for _, s := range r.Rounds {
		lines = append(lines, fmt.Sprintf("%12.0f %12.0f %7.2f %10.0f %14.4f %9.0f", s.BarePerSecond, s.PerSecond, s.Ratio, s.FirstMS, s.CPUPer1000, s.MemoryMB))
	}
	lines = append(lines, fmt.Sprintf("median: %.0f messages/s end to end, ratio %.2f; amid a campaign: a sign-in link in %.0f ms", r.PerSecond, r.Ratio, r.SignInMS))
	if r.Steered != "" {
		lines = append(lines, r.Steered)
	} else {
		lines = append(lines, fmt.Sprintf("paused: the last message %.0f ms after the request", r.PauseMS))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(to, line); err != nil {
			return err
		}
	}
	return nil
}
