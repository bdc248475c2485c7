package main

import (
	"math"
	"slices"
	"time"
)

// sample is what one round against one server gave.
type sample struct {
	n         int // requests
	perSecond float64
	p50, p99  time.Duration
	cpu       time.Duration // of the server for each request; 0 where it was not looked at
}

// summarize sorts latencies in place.
func summarize(latencies []time.Duration, elapsed time.Duration) sample {
	slices.Sort(latencies)
	return sample{
		n:         len(latencies),
		perSecond: float64(len(latencies)) / elapsed.Seconds(),
		p50:       percentile(latencies, 50),
		p99:       percentile(latencies, 99),
	}
}

// percentile returns the smallest value that at least p percent of sorted do
// not exceed (nearest rank), so that it is always a latency somebody had.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// median leaves values as it was; of an even number it takes the mean of the
// middle two.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// spread is a ratio as the rounds gave it. The machine may be busy with other
// things: Low and High tell how far the median is to be trusted.
type spread struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// ratios divides round by round, since the two halves of one round saw the
// same weather, and only then takes the median.
func ratios(measured, reference []float64) spread {
	each := make([]float64, len(measured))
	for i := range measured {
		each[i] = measured[i] / reference[i]
	}
	return spread{Median: median(each), Low: slices.Min(each), High: slices.Max(each)}
}

func rates(samples []sample) []float64 {
	return pick(samples, func(s sample) float64 { return s.perSecond })
}

func p50s(samples []sample) []float64 {
	return pick(samples, func(s sample) float64 { return milliseconds(s.p50) })
}

func p99s(samples []sample) []float64 {
	return pick(samples, func(s sample) float64 { return milliseconds(s.p99) })
}

func cpus(samples []sample) []float64 {
	return pick(samples, func(s sample) float64 { return milliseconds(s.cpu) })
}

func pick(samples []sample, value func(sample) float64) []float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = value(s)
	}
	return values
}

func milliseconds(d time.Duration) float64 {
	return float64(d) / float64(time.Millisecond)
}
